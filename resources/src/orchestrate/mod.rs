//! The engine of parts: a resource is a set of objects with addresses; this looks, creates, compares, updates, waits and
//! deletes for all resources alike.
//!
//! ```text
//! model ──render──▶ [Part] ──plan_parts──▶ map `parts` of the plan
//!                     │
//!                     ├─ create:  look → mark → apply by level → wait → remove the mark
//!                     ├─ observe: shared lists → fields that differ → `drift`
//!                     ├─ update:  changed parts only, force only where the plan showed it
//!                     └─ delete:  in reverse, with UID preconditions
//! ```

pub mod apply;
pub mod cluster_gone;
pub mod composite;
pub mod configuration;
pub mod create;
pub mod delete;
pub mod deployer;
pub mod engine;
pub mod fields;
pub mod frame;
pub mod import;
pub mod kept;
pub mod leftovers;
pub mod look;
pub mod observe;
pub mod order;
pub mod owner;
pub mod part;
pub mod plan;
pub mod resource;
pub mod rollout;
pub mod strays;
pub mod unknown;
pub mod update;
