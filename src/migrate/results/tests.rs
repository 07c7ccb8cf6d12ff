//! Results, decisions and accumulators, before and after.

mod marks;
mod pings;
mod sessions;
mod tags;
mod untagged;
