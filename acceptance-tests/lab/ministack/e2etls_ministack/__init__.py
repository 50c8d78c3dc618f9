"""EKS for the acceptance lab: ministack with gaps of add-ons, Pod Identity and tags filled.

See ``README.md`` beside this package for what is filled and what is still not
AWS's own behaviour. API reference: https://docs.aws.amazon.com/eks/latest/APIReference/
"""
