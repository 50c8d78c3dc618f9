"""AWS Certificate Manager: public certificates that are validated by DNS.

https://docs.aws.amazon.com/acm/latest/APIReference/Welcome.html
"""
