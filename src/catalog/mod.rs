//! What the hooks of each release are, and how they changed.
//!
//! The catalog is data: `releases/<release>.toml` and `releases/<release>.api.toml`, made from a server's source
//! tree, and `changes/<from>-to-<to>.toml`, written by people. The build script checks and packs them; a further
//! release is a file and no code. [`Catalog`] gives access to them and unpacks what is asked for, once.
//! [`Upgrade`] puts the steps between two releases together and says what becomes of each hook and function.

#[cfg(test)]
mod changes_test;
mod check;
pub mod config_path;
mod delta;
mod files;
mod known;
mod model;
mod own;
pub mod template;
#[cfg(test)]
pub(crate) mod testing;
pub mod text;
mod upgrade;
mod version;
mod words;

pub use delta::{ApiDelta, FunctionName, LostExports, LostRecord};
pub use files::{FileError, Parts};
pub use known::Catalog;
pub use model::*;
pub use own::OwnError;
pub use upgrade::{
    ArgumentFate, ConfigFate, ConfigName, FunctionFate, FunctionStatus, HeaderFate, HookFate, HookStatus, RecordFate,
    Successor, Upgrade, UpgradeError,
};
pub use version::{Version, VersionError};
