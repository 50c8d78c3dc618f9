//! tfplugin-macros
