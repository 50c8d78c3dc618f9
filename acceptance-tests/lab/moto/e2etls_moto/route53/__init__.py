"""Route 53: what a batch of changes does to a hosted zone, and when it is in sync.

https://docs.aws.amazon.com/Route53/latest/APIReference/Welcome.html
"""
