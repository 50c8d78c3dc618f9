variable "name" {
  description = "Name of the application. Names of objects start with it."
  type        = string
}

variable "namespace" {
  description = "Namespace of the application."
  type        = string
}

variable "create_namespace" {
  description = "Whether the stack creates the namespace, and deletes it with the last object in it."
  type        = bool
  default     = false
}

variable "hostnames" {
  description = "DNS names that clients use. The first one is the certificate's name."
  type        = list(string)
}

variable "app" {
  description = "The application: Pods that run already (selector), or that the stack runs (image or pod_template_json)."
  type = object({
    selector          = optional(map(string))
    image             = optional(string)
    pod_template_json = optional(string)
    port              = number
    replicas          = optional(number)
    env               = optional(map(string))
  })
}

variable "ca_arn" {
  description = "ARN of the CA that issues the proxy's certificate."
  type        = string
}

variable "lb_cidrs" {
  description = "Subnets of the load balancer: nobody else reaches the proxy, apart from allow_from."
  type        = list(string)
}

variable "allow_from" {
  description = "Others that reach the application's Pods, such as a scraper of metrics."
  type = list(object({
    pods       = optional(map(string))
    namespaces = optional(map(string))
    cidrs      = optional(list(string))
    ports      = optional(list(number))
  }))
  default = null
}

variable "sidecar" {
  description = "Whether the proxy runs in the application's own Pods, so that plain text never leaves a Pod."
  type        = bool
  default     = false
}

variable "proxy_replicas" {
  description = "Number of Pods of the proxy, unless it is a sidecar."
  type        = number
  default     = 2
}

variable "deletion_protection" {
  description = "Whether a plan that destroys or replaces the stack is refused."
  type        = bool
  default     = true
}
