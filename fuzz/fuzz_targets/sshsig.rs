#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| scelle_fuzz::targets::run("sshsig", data));
