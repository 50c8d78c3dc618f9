//! Plans of platforms, and operations on a cluster and an account in memory.
