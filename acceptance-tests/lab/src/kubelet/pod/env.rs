//! A container's environment and command line.

use k8s_openapi::api::core::v1::{Container, EnvVar, EnvVarSource, Pod};

use super::downward;
use super::place::{Place, is_nginx};
use crate::kubelet::store::Cluster;

/// Commands of the machine, after the container's own.
pub(crate) const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// A container's command line, variables and working directory.
#[derive(Clone, Debug)]
pub(crate) struct Launch {
    pub(crate) argv: Vec<String>,
    pub(crate) env: Vec<(String, String)>,
    pub(crate) cwd: std::path::PathBuf,
}

/// What is wrong with a container's configuration; the message of `CreateContainerConfigError`.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct ConfigError(String);

/// What a launch is made from.
pub(crate) struct Source<'a> {
    pub(crate) pod: &'a Pod,
    pub(crate) place: &'a Place,
    pub(crate) cluster: &'a Cluster,
    pub(crate) container: &'a Container,
}

impl Source<'_> {
    /// The container's command with every substitution applied.
    pub(crate) fn launch(&self) -> Result<Launch, ConfigError> {
        let rewriter = self.place.rewriter(self.container);
        let env = self.env()?;
        let argv = self
            .command()?
            .iter()
            .map(|word| rewriter.text(&expand(word, &env)))
            .collect();
        let root = self.place.root(self.container);
        let cwd = match self.container.working_dir.as_deref().filter(|dir| !dir.is_empty()) {
            Some(dir) => rewriter.path(dir).into(),
            None => root,
        };
        Ok(Launch { argv, env, cwd })
    }

    /// `command` and `args`, else what the image would run.
    fn command(&self) -> Result<Vec<String>, ConfigError> {
        let args = self.container.args.clone().unwrap_or_default();
        match self.container.command.clone().filter(|command| !command.is_empty()) {
            Some(command) => Ok(command.into_iter().chain(args).collect()),
            None if !is_nginx(self.container) => {
                let image = self.container.image.as_deref().unwrap_or_default();
                Err(ConfigError(format!(
                    "the lab pulls no images and does not know the entry point of {image:?}: set `command`"
                )))
            }
            None if args.is_empty() => Ok(["nginx", "-g", "daemon off;"].map(str::to_owned).to_vec()),
            None => Ok(args),
        }
    }

    fn env(&self) -> Result<Vec<(String, String)>, ConfigError> {
        let root = self.place.root(self.container).to_string_lossy().into_owned();
        let mut env = vec![
            (
                "PATH".to_owned(),
                format!("{}:{PATH}", self.place.bin(self.container).display()),
            ),
            (
                "HOSTNAME".to_owned(),
                self.pod.metadata.name.clone().unwrap_or_default(),
            ),
            ("TMPDIR".to_owned(), format!("{root}/tmp")),
            ("HOME".to_owned(), root),
        ];
        self.env_from(&mut env)?;
        let rewriter = self.place.rewriter(self.container);
        for variable in self.container.env.iter().flatten() {
            let is_secret = variable
                .value_from
                .as_ref()
                .is_some_and(|from| from.secret_key_ref.is_some());
            if let Some(value) = self.value(variable, &env)? {
                let value = if is_secret { value } else { rewriter.text(&value) };
                set(&mut env, &variable.name, value);
            }
        }
        Ok(env)
    }

    fn env_from(&self, env: &mut Vec<(String, String)>) -> Result<(), ConfigError> {
        let rewriter = self.place.rewriter(self.container);
        for from in self.container.env_from.iter().flatten() {
            let prefix = from.prefix.as_deref().unwrap_or_default();
            if let Some(source) = &from.config_map_ref {
                match self.cluster.config_map(self.namespace(), &source.name) {
                    Some(object) => object
                        .data
                        .iter()
                        .flatten()
                        .for_each(|(key, value)| set(env, &format!("{prefix}{key}"), rewriter.text(value))),
                    None if source.optional == Some(true) => {}
                    None => return Err(ConfigError(format!("configmap {:?} not found", source.name))),
                }
            }
            if let Some(source) = &from.secret_ref {
                match self.cluster.secret(self.namespace(), &source.name) {
                    Some(object) => object.data.iter().flatten().for_each(|(key, value)| {
                        set(
                            env,
                            &format!("{prefix}{key}"),
                            String::from_utf8_lossy(&value.0).into_owned(),
                        );
                    }),
                    None if source.optional == Some(true) => {}
                    None => return Err(ConfigError(format!("secret {:?} not found", source.name))),
                }
            }
        }
        Ok(())
    }

    fn value(&self, variable: &EnvVar, env: &[(String, String)]) -> Result<Option<String>, ConfigError> {
        match &variable.value_from {
            None => Ok(Some(expand(variable.value.as_deref().unwrap_or_default(), env))),
            Some(from) => self.value_from(&variable.name, from),
        }
    }

    fn value_from(&self, name: &str, from: &EnvVarSource) -> Result<Option<String>, ConfigError> {
        if let Some(field) = &from.field_ref {
            return Ok(Some(
                downward::field(self.pod, &field.field_path, self.place.address).unwrap_or_default(),
            ));
        }
        if let Some(key) = &from.config_map_key_ref {
            let object = self.cluster.config_map(self.namespace(), &key.name);
            let value = object.and_then(|object| object.data.as_ref()?.get(&key.key).cloned());
            return required(value, key.optional, || {
                format!(
                    "couldn't find key {} in ConfigMap {}/{}",
                    key.key,
                    self.namespace(),
                    key.name
                )
            });
        }
        if let Some(key) = &from.secret_key_ref {
            let object = self.cluster.secret(self.namespace(), &key.name);
            let value = object
                .and_then(|object| Some(String::from_utf8_lossy(&object.data.as_ref()?.get(&key.key)?.0).into_owned()));
            return required(value, key.optional, || {
                format!(
                    "couldn't find key {} in Secret {}/{}",
                    key.key,
                    self.namespace(),
                    key.name
                )
            });
        }
        Err(ConfigError(format!(
            "the lab does not serve the source of variable {name}"
        )))
    }

    fn namespace(&self) -> &str {
        self.pod.metadata.namespace.as_deref().unwrap_or_default()
    }
}

fn required(
    value: Option<String>,
    optional: Option<bool>,
    message: impl FnOnce() -> String,
) -> Result<Option<String>, ConfigError> {
    if value.is_none() && optional != Some(true) {
        Err(ConfigError(message()))
    } else {
        Ok(value)
    }
}

fn set(env: &mut Vec<(String, String)>, name: &str, value: String) {
    env.retain(|(known, _)| known != name);
    env.push((name.to_owned(), value));
}

/// Expands `$(NAME)`; `$$(NAME)` stays `$(NAME)`, and an unknown name stays as written.
pub(crate) fn expand(text: &str, env: &[(String, String)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("$$") {
            out.push('$');
            rest = after;
            continue;
        }
        let name = rest.strip_prefix("$(").and_then(|inner| inner.split_once(')'));
        match name.and_then(|(name, after)| Some((&env.iter().find(|(known, _)| known == name)?.1, after))) {
            Some((value, after)) => {
                out.push_str(value);
                rest = after;
            }
            None => {
                out.push('$');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::expand;

    #[test]
    fn only_known_names_in_parentheses_expand() {
        let env = [("A".to_owned(), "1".to_owned())];
        assert_eq!(expand("$(A) $(B) $A ${A} $$(A) $", &env), "1 $(B) $A ${A} $(A) $");
        assert_eq!(expand("echo $(date) é", &env), "echo $(date) é");
    }
}
