//! EKS in memory.
//!
//! This file is long because every call of the port stands here, with what the service refuses.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use e2etls_engine::refusal::Refusal;

use super::{Addon, Association, Description, EksApi, NewAddon, NewAssociation};
use crate::aws::fake::{Said, Service, digits, identity};
use crate::aws::{Effect, Tags};

#[derive(Debug, Default)]
struct Inside {
    clusters: BTreeMap<String, Description>,
    addons: BTreeMap<(String, String), Addon>,
    associations: BTreeMap<(String, String), Association>,
    /// What the next add-on of a name becomes instead of `ACTIVE`.
    fates: BTreeMap<String, (String, String)>,
    /// Add-ons that were deleted, and whether what they installed stayed.
    deleted: Vec<(String, bool)>,
    made: usize,
    /// How many more creates of an association do not see the role.
    blind: u32,
}

/// EKS in memory. What an add-on is doing (`CREATING`, `UPDATING`, `DELETING`) is done when it was described once.
#[derive(Debug)]
pub struct FakeEks {
    service: Service,
    inside: Mutex<Inside>,
}

identity!(FakeEks);

fn key(cluster: &str, name: &str) -> (String, String) {
    (cluster.to_owned(), name.to_owned())
}

fn absent(words: String) -> Said {
    (404, "ResourceNotFoundException", words)
}

fn in_use(words: String) -> Said {
    (409, "ResourceInUseException", words)
}

impl FakeEks {
    pub(crate) fn new(service: Service) -> Self {
        Self {
            service,
            inside: Mutex::default(),
        }
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a cluster. Not a call.
    pub fn add_cluster(&self, name: &str, description: Description) {
        self.inside().clusters.insert(name.to_owned(), description);
    }

    /// The next create or update of an add-on ends in this status, with this issue. Not a call.
    pub fn fail(&self, addon: &str, status: &str, issue: &str) {
        let fate = (status.to_owned(), issue.to_owned());
        self.inside().fates.insert(addon.to_owned(), fate);
    }

    /// This many creates of an association do not see the role. Not a call.
    pub fn see_roles_late(&self, creates: u32) {
        self.inside().blind = creates;
    }

    /// All add-ons. Not a call.
    #[must_use]
    pub fn all_addons(&self) -> Vec<Addon> {
        self.inside().addons.values().cloned().collect()
    }

    /// All associations. Not a call.
    #[must_use]
    pub fn all_associations(&self) -> Vec<Association> {
        self.inside().associations.values().cloned().collect()
    }

    /// The add-ons that were deleted, and whether what they installed stayed. Not a call.
    #[must_use]
    pub fn deleted(&self) -> Vec<(String, bool)> {
        self.inside().deleted.clone()
    }

    /// Edits an add-on by hand. Not a call.
    pub fn edit_addon(&self, cluster: &str, name: &str, edit: impl FnOnce(&mut Addon)) {
        self.inside().addons.get_mut(&key(cluster, name)).map(edit);
    }

    /// Edits the association of a service account by hand. Not a call.
    pub fn edit_association(&self, namespace: &str, service_account: &str, edit: impl FnOnce(&mut Association)) {
        self.inside()
            .associations
            .get_mut(&key(namespace, service_account))
            .map(edit);
    }
}

impl Inside {
    fn cluster(&self, name: &str) -> Result<(), Said> {
        match self.clusters.contains_key(name) {
            true => Ok(()),
            false => Err(absent(format!("No cluster found for name: {name}."))),
        }
    }

    /// An add-on that is doing nothing.
    fn idle(&mut self, cluster: &str, name: &str) -> Result<&mut Addon, Said> {
        let none = || absent(format!("No addon: {name} found in cluster: {cluster}"));
        let found = self.addons.get_mut(&key(cluster, name)).ok_or_else(none)?;
        match found.status.as_str() {
            "CREATING" | "UPDATING" | "DELETING" => Err(in_use(format!("Addon {name} is {}", found.status))),
            _ => Ok(found),
        }
    }

    /// What an add-on that was described has become since.
    fn step(&mut self, cluster: &str, name: &str) {
        let fate = self.fates.get(name).cloned();
        let Some(found) = self.addons.get_mut(&key(cluster, name)) else {
            return;
        };
        match found.status.as_str() {
            "CREATING" | "UPDATING" => {
                let (status, issue) = fate.unwrap_or_else(|| ("ACTIVE".to_owned(), String::new()));
                found.status = status;
                found.issues = Some(issue).filter(|issue| !issue.is_empty()).into_iter().collect();
                self.fates.remove(name);
            }
            "DELETING" => drop(self.addons.remove(&key(cluster, name))),
            _ => {}
        }
    }

    /// The tags of what has this ARN.
    fn tags(&mut self, arn: &str) -> Result<&mut Tags, Said> {
        let addons = self.addons.values_mut().map(|addon| (&addon.arn, &mut addon.tags));
        let associations = self
            .associations
            .values_mut()
            .map(|found| (&found.arn, &mut found.tags));
        let mut all = addons.chain(associations);
        let found = all.find(|(own, _)| *own == arn).map(|(_, tags)| tags);
        found.ok_or_else(|| absent(format!("No resource found for ARN {arn}")))
    }
}

#[async_trait]
impl EksApi for FakeEks {
    async fn cluster(&self, name: &str) -> Result<Option<Description>, Refusal> {
        let run = || Ok(self.inside().clusters.get(name).cloned());
        self.service.call("eks:DescribeCluster", name, Effect::Read, run)
    }

    async fn addon(&self, cluster: &str, name: &str) -> Result<Option<Addon>, Refusal> {
        self.service.call("eks:DescribeAddon", name, Effect::Read, || {
            let mut inside = self.inside();
            inside.cluster(cluster)?;
            let found = inside.addons.get(&key(cluster, name)).cloned();
            inside.step(cluster, name);
            Ok(found)
        })
    }

    async fn addons(&self, cluster: &str) -> Result<Vec<String>, Refusal> {
        self.service.call("eks:ListAddons", cluster, Effect::Read, || {
            let inside = self.inside();
            inside.cluster(cluster)?;
            let of_it = inside.addons.keys().filter(|(of, _)| of == cluster);
            Ok(of_it.map(|(_, name)| name.clone()).collect())
        })
    }

    async fn create_addon(&self, cluster: &str, new: &NewAddon) -> Result<Addon, Refusal> {
        self.service.call("eks:CreateAddon", &new.name, Effect::Write, || {
            let mut inside = self.inside();
            inside.cluster(cluster)?;
            if inside.addons.contains_key(&key(cluster, &new.name)) {
                return Err(in_use("Addon already exists.".to_owned()));
            }
            inside.made += 1;
            let unique = digits(&[cluster, &new.name, &inside.made.to_string()]);
            let (region, account) = (self.service.region(), self.service.account());
            let addon = Addon {
                name: new.name.clone(),
                arn: format!("arn:aws:eks:{region}:{account}:addon/{cluster}/{}/{unique}", new.name),
                version: new.version.clone(),
                role_arn: new.role_arn.clone(),
                status: "CREATING".to_owned(),
                issues: Vec::new(),
                tags: new.tags.clone(),
            };
            inside.addons.insert(key(cluster, &new.name), addon.clone());
            Ok(addon)
        })
    }

    async fn update_addon(
        &self,
        cluster: &str,
        name: &str,
        version: &str,
        role_arn: Option<&str>,
    ) -> Result<(), Refusal> {
        self.service.call("eks:UpdateAddon", name, Effect::Write, || {
            let mut inside = self.inside();
            let found = inside.idle(cluster, name)?;
            found.status = "UPDATING".to_owned();
            version.clone_into(&mut found.version);
            if let Some(arn) = role_arn {
                found.role_arn = Some(arn.to_owned()).filter(|arn| !arn.is_empty());
            }
            Ok(())
        })
    }

    async fn delete_addon(&self, cluster: &str, name: &str, preserve: bool) -> Result<(), Refusal> {
        self.service.call("eks:DeleteAddon", name, Effect::Write, || {
            let mut inside = self.inside();
            "DELETING".clone_into(&mut inside.idle(cluster, name)?.status);
            inside.deleted.push((name.to_owned(), preserve));
            Ok(())
        })
    }

    async fn association(
        &self,
        cluster: &str,
        namespace: &str,
        service_account: &str,
    ) -> Result<Option<Association>, Refusal> {
        let named = format!("{namespace}/{service_account}");
        self.service
            .call("eks:ListPodIdentityAssociations", &named, Effect::Read, || {
                let inside = self.inside();
                let found = inside.associations.get(&key(namespace, service_account));
                Ok(found.filter(|_| inside.clusters.contains_key(cluster)).cloned())
            })
    }

    async fn create_association(&self, cluster: &str, new: &NewAssociation) -> Result<Association, Refusal> {
        let named = format!("{}/{}", new.namespace, new.service_account);
        self.service
            .call("eks:CreatePodIdentityAssociation", &named, Effect::Write, || {
                let mut inside = self.inside();
                if inside.blind > 0 {
                    inside.blind -= 1;
                    let words = "Role provided in the request does not exist.";
                    return Err((400, "InvalidParameterException", words.to_owned()));
                }
                inside.cluster(cluster)?;
                let key = key(&new.namespace, &new.service_account);
                if let Some(found) = inside.associations.get(&key) {
                    return Err(in_use(format!("Association already exists: {}", found.id)));
                }
                inside.made += 1;
                let id = format!("a-{}", &digits(&[&named, &inside.made.to_string()])[..17]);
                let (region, account) = (self.service.region(), self.service.account());
                let made = Association {
                    arn: format!("arn:aws:eks:{region}:{account}:podidentityassociation/{cluster}/{id}"),
                    id,
                    namespace: new.namespace.clone(),
                    service_account: new.service_account.clone(),
                    role_arn: new.role_arn.clone(),
                    owner_arn: None,
                    tags: new.tags.clone(),
                };
                inside.associations.insert(key, made.clone());
                Ok(made)
            })
    }

    async fn update_association(&self, _: &str, id: &str, role_arn: &str) -> Result<(), Refusal> {
        self.service
            .call("eks:UpdatePodIdentityAssociation", id, Effect::Write, || {
                let mut inside = self.inside();
                let found = inside.associations.values_mut().find(|found| found.id == id);
                let found = found.ok_or_else(|| absent(format!("No association found with ID: {id}")))?;
                role_arn.clone_into(&mut found.role_arn);
                Ok(())
            })
    }

    async fn delete_association(&self, _: &str, id: &str) -> Result<(), Refusal> {
        self.service
            .call("eks:DeletePodIdentityAssociation", id, Effect::Write, || {
                let mut inside = self.inside();
                let before = inside.associations.len();
                inside.associations.retain(|_, found| found.id != id);
                match inside.associations.len() < before {
                    true => Ok(()),
                    false => Err(absent(format!("No association found with ID: {id}"))),
                }
            })
    }

    async fn add_tags(&self, arn: &str, tags: &Tags) -> Result<(), Refusal> {
        self.service.call("eks:TagResource", arn, Effect::Write, || {
            self.inside().tags(arn)?.extend(tags.clone());
            Ok(())
        })
    }

    async fn remove_tags(&self, arn: &str, keys: &[&str]) -> Result<(), Refusal> {
        self.service.call("eks:UntagResource", arn, Effect::Write, || {
            self.inside().tags(arn)?.retain(|key, _| !keys.contains(&key.as_str()));
            Ok(())
        })
    }
}
