variable "name" {
  description = "Name of the application, and prefix of the names of its objects."
  type        = string
}

variable "namespace" {
  description = "Namespace of the application."
  type        = string
}

variable "create_namespace" {
  description = "Whether the stack creates the namespace, and deletes it when the stack is destroyed."
  type        = bool
  default     = false
}

variable "hostnames" {
  description = "DNS names that clients use."
  type        = list(string)
}

variable "app" {
  description = "The application: existing Pods (selector), or Pods that the stack runs (image or pod_template_json)."
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
  description = "CIDR blocks of the load balancer's subnets. Apart from allow_from, nobody else can reach the proxy."
  type        = list(string)
}

variable "allow_from" {
  description = "Others that may reach the application's Pods, such as a metrics scraper."
  type = list(object({
    pods       = optional(map(string))
    namespaces = optional(map(string))
    cidrs      = optional(list(string))
    ports      = optional(list(number))
  }))
  default = null
}

variable "sidecar" {
  description = "Whether the proxy is a sidecar in the application's Pods, so that plain text never leaves a Pod."
  type        = bool
  default     = false
}

variable "proxy_replicas" {
  description = "Number of proxy Pods, unless the proxy is a sidecar."
  type        = number
  default     = 2
}

variable "deletion_protection" {
  description = "Whether plans that destroy or replace the stack are refused."
  type        = bool
  default     = true
}
