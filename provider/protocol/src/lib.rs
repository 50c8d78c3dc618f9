//! tfplugin-protocol
