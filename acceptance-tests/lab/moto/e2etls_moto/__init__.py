"""AWS Private CA for the acceptance lab: moto's ``acm-pca`` with its gaps filled.

See ``README.md`` beside this package for what is filled and what is still not
AWS's own behaviour. API reference:
https://docs.aws.amazon.com/privateca/latest/APIReference/Welcome.html
"""
