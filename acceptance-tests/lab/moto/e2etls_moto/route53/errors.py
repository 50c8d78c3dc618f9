"""The exceptions of the Route 53 API that moto lacks.

https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html#API_ChangeResourceRecordSets_Errors
"""

from moto.route53.exceptions import Route53ClientError


class InvalidChangeBatch(Route53ClientError):
    """A batch of which nothing was done, because of each of these."""

    def __init__(self, problems: list[str]):
        super().__init__("InvalidChangeBatch", f"[{', '.join(problems)}]")


class NoSuchChange(Route53ClientError):
    """No change has this id."""

    def __init__(self, change_id: str):
        super().__init__("NoSuchChange", f"Could not find resource with ID: {change_id}")
