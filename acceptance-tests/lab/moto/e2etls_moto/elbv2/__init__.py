"""Elastic Load Balancing: target health that is observed, and what load balancers refuse.

https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/Welcome.html
"""
