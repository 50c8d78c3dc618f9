//! AWS objects.

pub mod acm_certificate;
pub mod marks;
pub mod token;
pub mod validation_record;
