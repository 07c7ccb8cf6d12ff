//! What is shown: findings, hooks and explanations, as text, JSON and Markdown.

pub mod document;
pub mod explain;
pub mod hooks;
pub mod table;
