//! Amazon EKS: clusters, their add-ons, and EKS Pod Identity.
//!
//! Source: <https://docs.aws.amazon.com/eks/latest/APIReference/>.

mod cluster;
mod convert;
#[cfg(feature = "fake")]
pub mod fake;
mod sdk;

use async_trait::async_trait;
use e2etls_engine::refusal::Refusal;

use super::{Identity, Tags};

pub use cluster::{Description, cluster_in, describe, is_gone};
pub use sdk::Eks;

/// An add-on of a cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Addon {
    /// Name, such as `cert-manager`.
    pub name: String,
    /// ARN. It ends with an identifier that no later add-on of this name has.
    pub arn: String,
    /// Version, such as `v1.20.3-eksbuild.1`.
    pub version: String,
    /// ARN of the role that its service account has through an OpenID Connect provider (IRSA).
    pub role_arn: Option<String>,
    /// `CREATING`, `ACTIVE`, `CREATE_FAILED`, `UPDATING`, `DELETING`, `DELETE_FAILED`, `DEGRADED` or `UPDATE_FAILED`.
    pub status: String,
    /// What is wrong with it, in the words of EKS.
    pub issues: Vec<String>,
    /// Tags.
    pub tags: Tags,
}

/// An add-on to install. EKS refuses where it would have to change what others manage (`resolveConflicts: NONE`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewAddon {
    /// Name.
    pub name: String,
    /// Version.
    pub version: String,
    /// ARN of the role of its service account (IRSA), if it has one.
    pub role_arn: Option<String>,
    /// Tags.
    pub tags: Tags,
}

/// What gives the Pods of a service account the permissions of a role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Association {
    /// Id, such as `a-abcdefghijklmnop1`.
    pub id: String,
    /// ARN.
    pub arn: String,
    /// Namespace.
    pub namespace: String,
    /// Service account.
    pub service_account: String,
    /// ARN of the role.
    pub role_arn: String,
    /// The add-on that it belongs to, as an ARN: EKS changes and deletes it with that.
    pub owner_arn: Option<String>,
    /// Tags.
    pub tags: Tags,
}

/// An association to create.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewAssociation {
    /// Namespace; it need not exist yet.
    pub namespace: String,
    /// Service account; it need not exist yet.
    pub service_account: String,
    /// ARN of the role.
    pub role_arn: String,
    /// Tags.
    pub tags: Tags,
}

/// EKS in one account and Region.
#[async_trait]
pub trait EksApi: Identity {
    /// The cluster; `None` if there is none of this name (`DescribeCluster`).
    ///
    /// # Errors
    /// Any other refusal.
    async fn cluster(&self, name: &str) -> Result<Option<Description>, Refusal>;

    /// The add-on of this name; `None` if it is not installed, or there is no such cluster (`DescribeAddon`).
    ///
    /// # Errors
    /// Any other refusal.
    async fn addon(&self, cluster: &str, name: &str) -> Result<Option<Addon>, Refusal>;

    /// The names of all add-ons (`ListAddons`).
    ///
    /// # Errors
    /// Any refusal.
    async fn addons(&self, cluster: &str) -> Result<Vec<String>, Refusal>;

    /// Begins to install an add-on (`CreateAddon`).
    ///
    /// # Errors
    /// [`Exists`](e2etls_engine::refusal::Answer::Exists) if it is installed, any other refusal.
    async fn create_addon(&self, cluster: &str, new: &NewAddon) -> Result<Addon, Refusal>;

    /// Begins to move an add-on to a version, and to give its service account a role, none if that is empty, or the same
    /// without one (`UpdateAddon`). What others have changed of its objects stays as it is (`resolveConflicts: PRESERVE`).
    ///
    /// # Errors
    /// Any refusal.
    async fn update_addon(
        &self,
        cluster: &str,
        name: &str,
        version: &str,
        role_arn: Option<&str>,
    ) -> Result<(), Refusal>;

    /// Begins to remove an add-on (`DeleteAddon`); with `preserve`, what it installed in the cluster stays there.
    ///
    /// # Errors
    /// Any refusal.
    async fn delete_addon(&self, cluster: &str, name: &str, preserve: bool) -> Result<(), Refusal>;

    /// The association of a service account; `None` if it has none, or there is no such cluster
    /// (`ListPodIdentityAssociations`, `DescribePodIdentityAssociation`).
    ///
    /// # Errors
    /// Any refusal.
    async fn association(
        &self,
        cluster: &str,
        namespace: &str,
        service_account: &str,
    ) -> Result<Option<Association>, Refusal>;

    /// Creates an association (`CreatePodIdentityAssociation`). Pods that started earlier do not have it.
    ///
    /// # Errors
    /// [`Absent`](e2etls_engine::refusal::Answer::Absent) if EKS does not see the role, or its trust policy, yet;
    /// [`Exists`](e2etls_engine::refusal::Answer::Exists) if the service account has one, any other refusal.
    async fn create_association(&self, cluster: &str, new: &NewAssociation) -> Result<Association, Refusal>;

    /// Gives an association another role (`UpdatePodIdentityAssociation`).
    ///
    /// # Errors
    /// Any refusal.
    async fn update_association(&self, cluster: &str, id: &str, role_arn: &str) -> Result<(), Refusal>;

    /// Deletes an association (`DeletePodIdentityAssociation`).
    ///
    /// # Errors
    /// Any refusal.
    async fn delete_association(&self, cluster: &str, id: &str) -> Result<(), Refusal>;

    /// Adds tags, or changes their values (`TagResource`).
    ///
    /// # Errors
    /// Any refusal.
    async fn add_tags(&self, arn: &str, tags: &Tags) -> Result<(), Refusal>;

    /// Removes tags (`UntagResource`).
    ///
    /// # Errors
    /// Any refusal.
    async fn remove_tags(&self, arn: &str, keys: &[&str]) -> Result<(), Refusal>;
}
