//! The acceptance suite: the real `terraform` binary against the lab.
//!
//! All tests share one lab and are apart by namespace, session (records and faults) and workspace.

<<<<<<< HEAD
mod crash;
=======
mod aws;
mod bad_input;
mod certificate;
>>>>>>> main
mod ground;
mod issuer;
mod private_ca;
mod proxy;
<<<<<<< HEAD
mod stack;
=======
mod signer;
>>>>>>> main
mod tls;
