//! How the workspace's sources are read for the test of its layers; the tests themselves are in `tests/`.
