//! Listeners with their certificates and rules.

use std::collections::BTreeMap;

use aws_sdk_elasticloadbalancingv2::types::{Certificate, Listener as Old, ProtocolEnum, Rule as OldRule};

use super::convert::{self, Forwarded};
use super::{Aws, refused, tags};
use crate::lab::load_balancer::model::{Listener, Model, Pairs, Rule, Stack};
use crate::lab::{Context as _, Result};

/// Where listeners belong, and what they share.
struct To<'a> {
    balancer: &'a str,
    stack: &'a Stack,
    tags: &'a Pairs,
    arns: &'a BTreeMap<&'a str, &'a str>,
}

impl Aws {
    /// Brings the listeners of a load balancer to what the model says; `arns` are those of the target groups by id.
    pub(super) async fn listeners(
        &self,
        stack: &Stack,
        balancer: &str,
        model: &Model,
        arns: &BTreeMap<&str, &str>,
    ) -> Result<()> {
        let to = To {
            balancer,
            stack,
            tags: &model.balancer.tags,
            arns,
        };
        let existing = self.existing_listeners(balancer).await?;
        let is_wanted = |old: &Old| model.listeners.iter().any(|new| old.port() == Some(new.port.into()));
        for old in existing.iter().filter(|old| !is_wanted(old)) {
            self.delete_listener(old).await?;
        }
        for listener in &model.listeners {
            let old = existing.iter().find(|old| old.port() == Some(listener.port.into()));
            let arn = match old {
                Some(old) => self.change_listener(&to, old, listener).await?,
                None => self.create_listener(&to, listener).await?,
            };
            self.other_certificates(&arn, listener).await?;
            self.rules(&to, &arn, listener).await?;
        }
        Ok(())
    }

    /// Deletes the listeners of a load balancer.
    pub(super) async fn delete_listeners(&self, balancer: &str) -> Result<()> {
        for listener in self.existing_listeners(balancer).await? {
            self.delete_listener(&listener).await?;
        }
        Ok(())
    }

    async fn existing_listeners(&self, balancer: &str) -> Result<Vec<Old>> {
        let call = self.client.describe_listeners().load_balancer_arn(balancer);
        let sent = call.send().await.map_err(|error| refused("DescribeListeners", error))?;
        Ok(sent.listeners.unwrap_or_default())
    }

    async fn delete_listener(&self, listener: &Old) -> Result<()> {
        let call = self
            .client
            .delete_listener()
            .set_listener_arn(listener.listener_arn.clone());
        let sent = call.send().await;
        sent.map(drop).map_err(|error| refused("DeleteListener", error))
    }

    async fn create_listener(&self, to: &To<'_>, wanted: &Listener) -> Result<String> {
        let call = self
            .client
            .create_listener()
            .load_balancer_arn(to.balancer)
            .port(wanted.port.into())
            .protocol(wanted.protocol.as_str().into())
            .set_ssl_policy(wanted.policy.clone())
            .set_certificates(default_certificate(wanted))
            .set_alpn_policy(wanted.alpn.clone().map(|alpn| vec![alpn]))
            .set_mutual_authentication(wanted.authentication.as_ref().map(convert::authentication))
            .default_actions(convert::action(&wanted.default, to.arns))
            .set_tags(Some(convert::tags(&tags(to.stack, to.tags, &wanted.port.to_string()))));
        let made = call.send().await.map_err(|error| refused("CreateListener", error))?;
        let made = made.listeners.unwrap_or_default().pop();
        let made = made.and_then(|listener| listener.listener_arn);
        made.context("CreateListener answered nothing")
    }

    async fn change_listener(&self, to: &To<'_>, old: &Old, wanted: &Listener) -> Result<String> {
        let arn = old.listener_arn().context("a listener without an ARN")?.to_owned();
        let action = convert::action(&wanted.default, to.arns);
        let certificate = old.certificates().first().and_then(Certificate::certificate_arn);
        let alpn = old.alpn_policy().first();
        let authentication = old.mutual_authentication().and_then(|it| it.mode()).unwrap_or("off");
        let is_same = old.protocol().map(ProtocolEnum::as_str) == Some(&wanted.protocol)
            && old.ssl_policy() == wanted.policy.as_deref()
            && certificate == wanted.certificates.first().map(String::as_str)
            && alpn == wanted.alpn.as_ref()
            && (wanted.authentication.is_none() || old.mutual_authentication().is_some())
            && wanted
                .authentication
                .as_ref()
                .is_none_or(|it| it.mode == authentication && it.mode != "verify")
            && Forwarded::same(old.default_actions(), &action);
        if is_same {
            return Ok(arn);
        }
        let call = self
            .client
            .modify_listener()
            .listener_arn(&arn)
            .protocol(wanted.protocol.as_str().into())
            .set_ssl_policy(wanted.policy.clone())
            .set_certificates(default_certificate(wanted))
            .set_alpn_policy(wanted.alpn.clone().map(|alpn| vec![alpn]))
            .set_mutual_authentication(wanted.authentication.as_ref().map(convert::authentication))
            .default_actions(action);
        call.send().await.map_err(|error| refused("ModifyListener", error))?;
        Ok(arn)
    }

    /// Those besides the default certificate.
    async fn other_certificates(&self, arn: &str, wanted: &Listener) -> Result<()> {
        if wanted.certificates.is_empty() {
            return Ok(());
        }
        let call = self.client.describe_listener_certificates().listener_arn(arn);
        let found = call
            .send()
            .await
            .map_err(|error| refused("DescribeListenerCertificates", error))?;
        let found = found.certificates.unwrap_or_default().into_iter();
        let others = found.filter(|it| it.is_default != Some(true));
        let old: Vec<String> = others.filter_map(|it| it.certificate_arn).collect();
        let new = wanted.certificates.get(1..).unwrap_or_default();
        for gone in old.iter().filter(|it| !new.contains(it)) {
            let call = self.client.remove_listener_certificates().listener_arn(arn);
            let sent = call.certificates(certificate(gone)).send().await;
            sent.map_err(|error| refused("RemoveListenerCertificates", error))?;
        }
        for added in new.iter().filter(|it| !old.contains(it)) {
            let call = self.client.add_listener_certificates().listener_arn(arn);
            let sent = call.certificates(certificate(added)).send().await;
            sent.map_err(|error| refused("AddListenerCertificates", error))?;
        }
        Ok(())
    }

    async fn rules(&self, to: &To<'_>, arn: &str, wanted: &Listener) -> Result<()> {
        let call = self.client.describe_rules().listener_arn(arn);
        let pages = call.into_paginator().items().send();
        let old: Vec<OldRule> = pages
            .collect::<std::result::Result<_, _>>()
            .await
            .map_err(|error| refused("DescribeRules", error))?;
        let mut old: BTreeMap<i32, OldRule> = old
            .into_iter()
            .filter_map(|rule| Some((rule.priority()?.parse().ok()?, rule)))
            .collect();
        for (priority, rule) in (1..).zip(&wanted.rules) {
            match old.remove(&priority) {
                Some(old) => self.change_rule(to, &old, rule).await?,
                None => self.create_rule(to, arn, wanted.port, priority, rule).await?,
            }
        }
        for rule in old.into_values() {
            let call = self.client.delete_rule().set_rule_arn(rule.rule_arn);
            call.send().await.map_err(|error| refused("DeleteRule", error))?;
        }
        Ok(())
    }

    async fn create_rule(&self, to: &To<'_>, listener: &str, port: u16, priority: i32, rule: &Rule) -> Result<()> {
        let tags = tags(to.stack, to.tags, &format!("{port}:{priority}"));
        let call = self
            .client
            .create_rule()
            .listener_arn(listener)
            .priority(priority)
            .set_conditions(Some(convert::conditions(rule)))
            .actions(convert::action(&rule.action, to.arns))
            .set_tags(Some(convert::tags(&tags)));
        let sent = call.send().await;
        sent.map(drop).map_err(|error| refused("CreateRule", error))
    }

    async fn change_rule(&self, to: &To<'_>, old: &OldRule, wanted: &Rule) -> Result<()> {
        let (conditions, action) = (convert::conditions(wanted), convert::action(&wanted.action, to.arns));
        if convert::same_conditions(old.conditions(), &conditions) && Forwarded::same(old.actions(), &action) {
            return Ok(());
        }
        let call = self.client.modify_rule().set_rule_arn(old.rule_arn.clone());
        let sent = call.set_conditions(Some(conditions)).actions(action).send().await;
        sent.map(drop).map_err(|error| refused("ModifyRule", error))
    }
}

fn default_certificate(wanted: &Listener) -> Option<Vec<Certificate>> {
    Some(vec![certificate(wanted.certificates.first()?)])
}

fn certificate(arn: &str) -> Certificate {
    Certificate::builder().certificate_arn(arn).build()
}
