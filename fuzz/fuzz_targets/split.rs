#![no_main]

include!("libfuzzer.rs");
target!("split");
