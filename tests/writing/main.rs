//! `fix --write` under fire: killed at any moment, on full disks, and where somebody else has a say about files.

mod kill;
mod obstacles;
mod tree;
