"""AWS for the acceptance lab: moto with gaps of ``acm-pca``, ``acm``, ``cloudwatch`` and ``route53`` filled.

The modules of this folder are AWS Private CA; `acm`, `cloudwatch` and `route53` have folders of their own.
See ``README.md`` beside this package for what is filled and what is still not
AWS's own behaviour. API reference:
https://docs.aws.amazon.com/privateca/latest/APIReference/Welcome.html
"""
