//! One recorded error per row: status, code and message.

use e2etls_engine::refusal::{Answer, Denial};

use super::{CONFLICT, Effect, IN_USE, PERMISSION, QUOTA, TABLE, answer};

type Sample = (u16, &'static str, &'static str, Answer);

/// Of the documentation of each operation, of AWS's answers, and of moto where AWS's words are not documented.
fn samples() -> Vec<Sample> {
    [identities(), throttled(), objects()].into_iter().flatten().collect()
}

fn identities() -> Vec<Sample> {
    let unknown = |code, message| (403, code, message, Answer::Unauthenticated);
    vec![
        (
            400,
            "ValidationException",
            "The ACM Private CA Service Principal 'acm-pca.amazonaws.com' requires 's3:GetBucketAcl' permissions for your S3 bucket 'crl'. Check your S3 bucket permissions and try again.",
            Answer::Forbidden(Denial::Policy),
        ),
        (
            400,
            "InvalidRequestException",
            "The ACM Private CA Service Principal 'acm-pca.amazonaws.com' requires 's3:PutObject' permissions for your S3 bucket 'crl'.",
            Answer::Forbidden(Denial::Policy),
        ),
        (
            403,
            "AccessDenied",
            "User: arn:aws:sts::111122223333:assumed-role/ci/s is not authorized to perform: route53:ChangeResourceRecordSets on resource: arn:aws:route53:::hostedzone/Z1 because no identity-based policy allows the route53:ChangeResourceRecordSets action",
            PERMISSION,
        ),
        (
            400,
            "AccessDeniedException",
            "User: arn:aws:sts::111122223333:assumed-role/ci/s is not authorized to perform: acm:RequestCertificate because no identity-based policy allows the acm:RequestCertificate action",
            PERMISSION,
        ),
        (
            403,
            "UnauthorizedOperation",
            "You are not authorized to perform this operation.",
            PERMISSION,
        ),
        (
            403,
            "Blocked",
            "This account is currently blocked and not recognized as a valid account.",
            PERMISSION,
        ),
        (
            403,
            "OptInRequired",
            "You are not subscribed to this service. Please go to http://aws.amazon.com to subscribe.",
            PERMISSION,
        ),
        unknown(
            "AuthFailure",
            "AWS was not able to validate the provided access credentials",
        ),
        unknown("ExpiredToken", "The security token included in the request is expired"),
        (
            400,
            "ExpiredTokenException",
            "The security token included in the request is expired",
            Answer::Unauthenticated,
        ),
        unknown(
            "IncompleteSignature",
            "Authorization header requires 'Signature' parameter.",
        ),
        unknown(
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
        ),
        (
            400,
            "InvalidIdentityToken",
            "No OpenIDConnect provider found in your account for https://oidc.example",
            Answer::Unauthenticated,
        ),
        unknown(
            "InvalidSignatureException",
            "Signature expired: 20261126T120000Z is now earlier than 20261126T121000Z (20261126T121500Z - 5 min.)",
        ),
        unknown("MissingAuthenticationToken", "Request is missing Authentication Token"),
        (
            400,
            "MissingAuthenticationTokenException",
            "Missing Authentication Token",
            Answer::Unauthenticated,
        ),
        (400, "RequestExpired", "Request has expired.", Answer::Unauthenticated),
        unknown(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided.",
        ),
        (
            400,
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
            Answer::Unauthenticated,
        ),
    ]
}

fn throttled() -> Vec<Sample> {
    let later = |code, message| (400, code, message, Answer::Throttled);
    vec![
        later("BandwidthLimitExceeded", "Bandwidth limit exceeded"),
        (
            409,
            "ConcurrentModification",
            "The request was rejected because multiple requests to change this object were submitted simultaneously. Wait a few minutes and submit your request again.",
            Answer::Throttled,
        ),
        (
            409,
            "EntityTemporarilyUnmodifiable",
            "The request was rejected because it referenced an entity that is temporarily unmodifiable, such as a user name that was deleted and then recreated.",
            Answer::Throttled,
        ),
        later(
            "PriorRequestNotComplete",
            "The request was rejected because Route 53 was still processing a prior request.",
        ),
        later("RequestLimitExceeded", "Request limit exceeded."),
        later("RequestThrottled", "Request was throttled."),
        later("RequestThrottledException", "Request was throttled."),
        later(
            "RequestTimeout",
            "Your socket connection to the server was not read from or written to within the timeout period.",
        ),
        later("RequestTimeoutException", "The request timed out."),
        (
            503,
            "ServiceUnavailable",
            "Service is unable to handle request.",
            Answer::Throttled,
        ),
        (
            503,
            "ServiceUnavailableException",
            "Service is unable to handle request.",
            Answer::Throttled,
        ),
        (503, "SlowDown", "Please reduce your request rate.", Answer::Throttled),
        later("ThrottledException", "Rate exceeded"),
        later("Throttling", "Rate exceeded"),
        later("ThrottlingException", "Rate exceeded"),
        (429, "TooManyRequestsException", "Too Many Requests", Answer::Throttled),
        later(
            "RequestInProgressException",
            "The certificate request is in process and the certificate in your account has not yet been issued.",
        ),
    ]
}

fn objects() -> Vec<Sample> {
    let absent = |code, message| (404, code, message, Answer::Absent);
    vec![
        absent("NoSuchChange", "A change with the specified change ID does not exist."),
        (
            404,
            "NoSuchEntity",
            "Scope ARN: arn:aws:iam::111122223333:policy/bound does not exist or is not attachable.",
            Answer::Invalid,
        ),
        absent("NoSuchEntity", "The role with name ci cannot be found."),
        absent("NoSuchHostedZone", "No hosted zone found with ID: Z1"),
        absent("ListenerNotFound", "One or more listeners not found"),
        absent(
            "LoadBalancerNotFound",
            "Load balancers '[arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/app/web/1]' not found",
        ),
        absent("TargetGroupNotFound", "One or more target groups not found"),
        absent("NotFoundException", "The resource does not exist."),
        absent("ResourceNotFound", "The named resource does not exist."),
        (
            400,
            "ResourceNotFoundException",
            "Could not find certificate arn:aws:acm:eu-central-1:111122223333:certificate/1.",
            Answer::Absent,
        ),
        (
            400,
            "InvalidChangeBatch",
            "[Tried to create resource record set [name='_a.example.com.', type='CNAME'] but it already exists]",
            Answer::Exists,
        ),
        (
            400,
            "InvalidChangeBatch",
            "[Tried to delete resource record set [name='_a.example.com.', type='CNAME'] but it was not found]",
            Answer::Absent,
        ),
        (
            400,
            "InvalidChangeBatch",
            "[Tried to delete resource record set [name='_a.example.com.', type='CNAME'] but the values provided do not match the current values]",
            CONFLICT,
        ),
        (
            409,
            "EntityAlreadyExists",
            "Role with name ci already exists.",
            Answer::Exists,
        ),
        (
            409,
            "HostedZoneAlreadyExists",
            "A hosted zone has already been created with the specified caller reference.",
            Answer::Exists,
        ),
        (
            400,
            "PermissionAlreadyExistsException",
            "The permission already exists.",
            Answer::Exists,
        ),
        (
            409,
            "ResourceAlreadyExistsException",
            "The resource already exists.",
            Answer::Exists,
        ),
        (
            409,
            "DeleteConflict",
            "Cannot delete entity, must detach all policies first.",
            IN_USE,
        ),
        (
            400,
            "HostedZoneNotEmpty",
            "The specified hosted zone contains non-required resource record sets and so cannot be deleted.",
            IN_USE,
        ),
        (
            400,
            "InvalidParameterException",
            "Role provided in the request does not exist.",
            Answer::Absent,
        ),
        (
            400,
            "InvalidParameterException",
            "Trust policy of the role provided is invalid.",
            Answer::Absent,
        ),
        (
            409,
            "ResourceInUseException",
            "Association already exists: a-kyevsbqhrnchy79jw",
            Answer::Exists,
        ),
        (
            400,
            "ResourceInUseException",
            "Certificate arn:aws:acm:eu-central-1:111122223333:certificate/1 in account 111122223333 is in use.",
            IN_USE,
        ),
        (
            400,
            "ConcurrentModificationException",
            "A previous update to your private CA is still ongoing.",
            CONFLICT,
        ),
        (
            409,
            "ConflictException",
            "You are trying to update a resource or configuration that is already being created or updated.",
            CONFLICT,
        ),
        (
            400,
            "InvalidStateException",
            "The certificate authority is in the ACTIVE state and must be DISABLED to be deleted",
            CONFLICT,
        ),
        (
            409,
            "ResourceConflict",
            "The operation could not be completed because the request conflicts with the current state of the alarm or its underlying scheduled query resource.",
            CONFLICT,
        ),
        (
            400,
            "LimitExceeded",
            "Cannot exceed quota for RolesPerAccount: 1000",
            QUOTA,
        ),
        (
            400,
            "LimitExceededException",
            "Error: you have reached your limit of 20 certificates in the last year.",
            QUOTA,
        ),
        (
            400,
            "LimitsExceeded",
            "This operation can't be completed because the current account has reached the limit.",
            QUOTA,
        ),
        (
            402,
            "ServiceQuotaExceededException",
            "The request would exceed a service quota.",
            QUOTA,
        ),
    ]
}

#[test]
fn each_error_has_its_meaning() {
    for (status, code, message, wanted) in samples() {
        for effect in [Effect::Read, Effect::Write] {
            assert_eq!(answer(status, code, message, effect), wanted, "{code}: {message}");
        }
    }
}

#[test]
fn each_row_has_a_sample() {
    for (at, row) in TABLE.iter().enumerate() {
        let sampled = samples().into_iter().any(|(_, code, message, _)| {
            let fits = |row: &super::Row| (row.code.is_empty() || row.code == code) && message.contains(row.words);
            TABLE.iter().position(fits) == Some(at)
        });
        assert!(sampled, "{} {:?}", row.code, row.words);
    }
}

#[test]
fn what_is_in_no_row_is_judged_by_its_status() {
    let judge = |status, effect| answer(status, "Other", "", effect);
    assert_eq!(judge(400, Effect::Write), Answer::Invalid);
    assert_eq!(judge(503, Effect::Write), Answer::Throttled);
    assert_eq!(judge(500, Effect::Read), Answer::Throttled);
    // It failed somewhere on the way: before or after the effect.
    assert_eq!(judge(500, Effect::Write), Answer::OutcomeUnknown);
    assert_eq!(judge(504, Effect::Write), Answer::OutcomeUnknown);
}
