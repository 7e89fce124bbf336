#![no_main]

#[path = "../bodies/image.rs"]
mod bodies;

libfuzzer_sys::fuzz_target!(|data: &[u8]| bodies::decompress(data));
