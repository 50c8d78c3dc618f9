//! Where the lives of a subject are lived: grounds with what it stands on, made as they are needed.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use e2etls_lab::lab::apply::documents;
use futures::future::BoxFuture;

use super::life::{Clean, Life, Outcome};
use super::rounds::{Plan, Round};
use crate::ground::{Ground, PERMISSIONS};
use crate::subject::{
    CERTIFICATE, EDGE, ISSUER, NETWORK_POLICY, PASSTHROUGH, PLATFORM, PRIVATE_CA, PROXY, PUBLIC_CERTIFICATE, Subject,
    WHOLE_STACK,
};
use crate::{edge, platform};

/// A subject, and what its ground is like.
pub(super) struct Plot {
    name: &'static str,
    subject: &'static Subject,
    ground: fn(String) -> BoxFuture<'static, Ground>,
}

/// Those whose lives take longest come first.
pub(super) static PLOTS: [Plot; 10] = [
    plot("platform", &PLATFORM, |_| {
        Box::pin(async {
            // Where the objects of a platform are.
            let ground = platform::ground("kube-system").await;
            // What looks for leftovers looks everywhere.
            let roles = documents(PERMISSIONS).expect("YAML");
            platform::permit(&ground, &roles).await;
            ground
        })
    }),
    plot("stack", &WHOLE_STACK, served),
    plot("edge", &EDGE, served),
    plot("nlb", &PASSTHROUGH, served),
    plot("proxy", &PROXY, plain),
    plot("certificate", &CERTIFICATE, plain),
    plot("issuer", &ISSUER, plain),
    plot("ca", &PRIVATE_CA, plain),
    plot("public", &PUBLIC_CERTIFICATE, plain),
    plot("policy", &NETWORK_POLICY, plain),
];

const fn plot(name: &'static str, subject: &'static Subject, ground: fn(String) -> BoxFuture<'static, Ground>) -> Plot {
    Plot { name, subject, ground }
}

fn plain(namespace: String) -> BoxFuture<'static, Ground> {
    Box::pin(async move { Ground::new(&namespace).await })
}

fn served(namespace: String) -> BoxFuture<'static, Ground> {
    Box::pin(async move { edge::ground(&namespace).await })
}

impl Plot {
    /// `E2ETLS_WALK_SUBJECTS` names those that are walked, for a look at one of them.
    pub(super) fn is_wanted(&self) -> bool {
        let chosen = std::env::var("E2ETLS_WALK_SUBJECTS").ok();
        chosen.is_none_or(|chosen| chosen.split(',').any(|name| name == self.name))
    }

    async fn prepared(&self, number: usize) -> Ground {
        // Load balancers are known by the first letters of their namespace.
        let ground = (self.ground)(format!("{}{number}-walk", self.name)).await;
        self.subject.write_base(&ground);
        drop(ground.terraform.apply(&[]).await.expect("an answer").success());
        ground
    }
}

/// A subject whose life is known, with the grounds that nobody uses.
pub(super) struct Site {
    pub(super) name: &'static str,
    pub(super) clean: Clean,
    plot: &'static Plot,
    free: Mutex<Vec<Ground>>,
    made: AtomicUsize,
}

impl Site {
    pub(super) async fn new(plot: &'static Plot) -> Self {
        let ground = plot.prepared(0).await;
        let life = Life {
            subject: plot.subject,
            ground: &ground,
            name: "clean".to_owned(),
            untaints: false,
        };
        let clean = life.clean().await;
        Self {
            name: plot.name,
            clean,
            plot,
            free: Mutex::new(vec![ground]),
            made: AtomicUsize::new(1),
        }
    }

    pub(super) fn is_alone(&self) -> bool {
        self.name == "platform"
    }

    /// Lives a round, on a ground of its own as long as it lasts.
    pub(super) async fn live(&self, round: &Round) -> Outcome {
        let free = self.free.lock().expect("no panic").pop();
        let ground = match free {
            Some(ground) => ground,
            None => self.plot.prepared(self.made.fetch_add(1, Ordering::Relaxed)).await,
        };
        let life = Life {
            subject: self.plot.subject,
            ground: &ground,
            // Another name each time: AWS Private CA answers a repeated request of aws-privateca-issuer with the old
            // certificate for five minutes.
            name: format!("r{}", round.number),
            untaints: round.number.is_multiple_of(2),
        };
        let mut outcome = Outcome::default();
        let good = match &round.plan {
            Plan::Life(faults) => life.round(&self.clean, faults, &mut outcome).await,
            Plan::Abandoned(fault) => life.abandon(fault, &mut outcome).await,
        };
        if good || life.cleaned().await {
            self.free.lock().expect("no panic").push(ground);
        }
        outcome
    }
}
