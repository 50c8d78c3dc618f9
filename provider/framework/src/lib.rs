//! tfplugin-framework
