//! IAM in memory.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use e2etls_engine::refusal::Refusal;
use serde_json::Value;

use super::{IamApi, NewRole, RoleFacts};
use crate::aws::fake::{Said, Service, digits, identity};
use crate::aws::{Effect, Tags};
use crate::present;

/// A role of the fake.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// As `GetRole` shows it.
    pub role: RoleFacts,
    /// Inline policies by name.
    pub inline: BTreeMap<String, Value>,
    /// ARNs of attached managed policies.
    pub managed: Vec<String>,
    /// ARNs of instance profiles with the role.
    pub profiles: Vec<String>,
}

#[derive(Debug, Default)]
struct Inside {
    kept: BTreeMap<String, Kept>,
    made: usize,
}

/// IAM in memory. What is written is seen at once; every managed policy of a well-formed ARN exists.
#[derive(Debug)]
pub struct FakeIam {
    service: Service,
    inside: Mutex<Inside>,
}

identity!(FakeIam);

impl FakeIam {
    pub(crate) fn new(service: Service) -> Self {
        Self {
            service,
            inside: Mutex::default(),
        }
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All roles, by name. Not a call.
    #[must_use]
    pub fn all(&self) -> Vec<Kept> {
        self.inside().kept.values().cloned().collect()
    }

    /// Edits a role by hand: policies, tags, what is attached. Not a call.
    pub fn edit(&self, name: &str, edit: impl FnOnce(&mut Kept)) {
        if let Some(kept) = self.inside().kept.get_mut(name) {
            edit(kept);
        }
    }

    fn with<T>(
        &self,
        operation: &str,
        name: &str,
        effect: Effect,
        run: impl FnOnce(&mut Kept) -> Result<T, Said>,
    ) -> Result<T, Refusal> {
        self.service.call(operation, name, effect, || {
            let mut inside = self.inside();
            run(inside.kept.get_mut(name).ok_or_else(|| absent(name))?)
        })
    }

    fn make(&self, new: &NewRole, number: usize) -> RoleFacts {
        let account = self.service.account();
        let id = digits(&[account, &new.name, &number.to_string()]);
        RoleFacts {
            name: new.name.clone(),
            arn: format!("arn:aws:iam::{account}:role{}{}", new.path, new.name),
            id: format!("AROA{}", id[..17].to_uppercase()),
            path: new.path.clone(),
            trust: new.trust.clone(),
            description: new.description.clone(),
            boundary: new.boundary.clone(),
            tags: new.tags.clone(),
        }
    }
}

fn absent(name: &str) -> Said {
    let words = format!("The role with name {name} cannot be found.");
    (404, "NoSuchEntity", words)
}

fn no_policy(name: &str) -> Said {
    let words = format!("The role policy with name {name} cannot be found.");
    (404, "NoSuchEntity", words)
}

fn check_document(document: &Value) -> Result<(), Said> {
    let statements = match &document["Statement"] {
        Value::Array(statements) => !statements.is_empty() && statements.iter().all(Value::is_object),
        statement => statement.is_object(),
    };
    match statements {
        true => Ok(()),
        false => Err((400, "MalformedPolicyDocument", "Syntax errors in policy.".to_owned())),
    }
}

fn check_boundary(boundary: Option<&str>) -> Result<(), Said> {
    let is_policy = |arn: &str| arn.starts_with("arn:") && arn.contains(":policy/");
    match boundary {
        Some(arn) if !is_policy(arn) => {
            let words = format!("Scope ARN: {arn} does not exist or is not attachable.");
            Err((404, "NoSuchEntity", words))
        }
        _ => Ok(()),
    }
}

fn check_tags(tags: &Tags) -> Result<(), Said> {
    let is_bad = |(key, value): &(&String, &String)| {
        key.starts_with("aws:") || key.is_empty() || key.len() > 128 || value.len() > 256
    };
    let is_twice = |key: &&String| tags.keys().filter(|other| same(other, key)).count() > 1;
    if let Some((key, _)) = tags.iter().find(is_bad) {
        return Err((400, "ValidationError", format!("Tag {key:?} is not valid")));
    }
    if tags.keys().any(|key| is_twice(&key)) {
        let words = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
        return Err((400, "InvalidInput", words.to_owned()));
    }
    match tags.len() {
        0..=50 => Ok(()),
        _ => Err((
            409,
            "LimitExceeded",
            "Cannot exceed quota for TagsPerRole: 50".to_owned(),
        )),
    }
}

/// Keys of tags that differ in case only are one.
fn same(key: &str, other: &str) -> bool {
    key.to_lowercase() == other.to_lowercase()
}

#[async_trait]
impl IamApi for FakeIam {
    async fn role(&self, name: &str) -> Result<Option<RoleFacts>, Refusal> {
        present(self.with("iam:GetRole", name, Effect::Read, |kept| Ok(kept.role.clone())))
    }

    async fn inline_policy(&self, role: &str, policy: &str) -> Result<Option<Value>, Refusal> {
        present(self.with("iam:GetRolePolicy", role, Effect::Read, |kept| {
            kept.inline.get(policy).cloned().ok_or_else(|| no_policy(policy))
        }))
    }

    async fn roles_under(&self, path: &str) -> Result<Vec<(String, String)>, Refusal> {
        self.service.call("iam:ListRoles", path, Effect::Read, || {
            let inside = self.inside();
            let roles = inside.kept.values().map(|kept| &kept.role);
            let under = roles.filter(|role| role.path.starts_with(path));
            Ok(under.map(|role| (role.name.clone(), role.id.clone())).collect())
        })
    }

    async fn attached(&self, role: &str) -> Result<Vec<String>, Refusal> {
        let ask =
            |operation, get: fn(&Kept) -> Vec<String>| self.with(operation, role, Effect::Read, |kept| Ok(get(kept)));
        let mut found = ask("iam:ListAttachedRolePolicies", |kept| kept.managed.clone())?;
        found.extend(ask("iam:ListRolePolicies", |kept| {
            kept.inline.keys().map(|name| format!("inline policy {name}")).collect()
        })?);
        found.extend(ask("iam:ListInstanceProfilesForRole", |kept| kept.profiles.clone())?);
        Ok(found)
    }

    async fn create_role(&self, new: &NewRole) -> Result<RoleFacts, Refusal> {
        self.service.call("iam:CreateRole", &new.name, Effect::Write, || {
            check_document(&new.trust)?;
            check_boundary(new.boundary.as_deref())?;
            check_tags(&new.tags)?;
            let mut inside = self.inside();
            if inside.kept.keys().any(|name| name.eq_ignore_ascii_case(&new.name)) {
                let words = format!("Role with name {} already exists.", new.name);
                return Err((409, "EntityAlreadyExists", words));
            }
            inside.made += 1;
            let role = self.make(new, inside.made);
            let kept = Kept {
                role: role.clone(),
                ..Kept::default()
            };
            inside.kept.insert(new.name.clone(), kept);
            Ok(role)
        })
    }

    async fn put_inline_policy(&self, role: &str, policy: &str, document: &Value) -> Result<(), Refusal> {
        self.with("iam:PutRolePolicy", role, Effect::Write, |kept| {
            check_document(document)?;
            kept.inline.insert(policy.to_owned(), document.clone());
            Ok(())
        })
    }

    async fn update_trust(&self, role: &str, document: &Value) -> Result<(), Refusal> {
        self.with("iam:UpdateAssumeRolePolicy", role, Effect::Write, |kept| {
            check_document(document)?;
            kept.role.trust = document.clone();
            Ok(())
        })
    }

    async fn update_description(&self, role: &str, description: &str) -> Result<(), Refusal> {
        self.with("iam:UpdateRoleDescription", role, Effect::Write, |kept| {
            description.clone_into(&mut kept.role.description);
            Ok(())
        })
    }

    async fn set_boundary(&self, role: &str, boundary: Option<&str>) -> Result<(), Refusal> {
        let operation = match boundary {
            Some(_) => "iam:PutRolePermissionsBoundary",
            None => "iam:DeleteRolePermissionsBoundary",
        };
        self.with(operation, role, Effect::Write, |kept| {
            check_boundary(boundary)?;
            kept.role.boundary = boundary.map(str::to_owned);
            Ok(())
        })
    }

    async fn add_tags(&self, role: &str, tags: &Tags) -> Result<(), Refusal> {
        if tags.is_empty() {
            return Ok(());
        }
        self.with("iam:TagRole", role, Effect::Write, |kept| {
            check_tags(tags)?;
            let mut all = kept.role.tags.clone();
            all.retain(|key, _| !tags.keys().any(|new| same(key, new)));
            all.extend(tags.clone());
            check_tags(&all)?;
            kept.role.tags = all;
            Ok(())
        })
    }

    async fn remove_tags(&self, role: &str, keys: &[&str]) -> Result<(), Refusal> {
        if keys.is_empty() {
            return Ok(());
        }
        self.with("iam:UntagRole", role, Effect::Write, |kept| {
            kept.role.tags.retain(|key, _| !keys.iter().any(|gone| same(key, gone)));
            Ok(())
        })
    }

    async fn delete_inline_policy(&self, role: &str, policy: &str) -> Result<(), Refusal> {
        self.with("iam:DeleteRolePolicy", role, Effect::Write, |kept| {
            kept.inline.remove(policy).map(drop).ok_or_else(|| no_policy(policy))
        })
    }

    async fn delete_role(&self, name: &str) -> Result<(), Refusal> {
        self.service.call("iam:DeleteRole", name, Effect::Write, || {
            let mut inside = self.inside();
            let kept = inside.kept.get(name).ok_or_else(|| absent(name))?;
            let first = match kept {
                kept if !kept.profiles.is_empty() => "remove roles from instance profile",
                kept if !kept.managed.is_empty() => "detach all policies",
                kept if !kept.inline.is_empty() => "delete policies",
                _ => {
                    inside.kept.remove(name);
                    return Ok(());
                }
            };
            let words = format!("Cannot delete entity, must {first} first.");
            Err((409, "DeleteConflict", words))
        })
    }
}
