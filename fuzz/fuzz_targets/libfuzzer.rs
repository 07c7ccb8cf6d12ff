// How libFuzzer drives a target; part of the file of each.

macro_rules! target {
    ($name:literal) => {
        libfuzzer_sys::fuzz_target!(
            init: hookshift_fuzz::prepare::if_asked($name),
            |data: &[u8]| hookshift_fuzz::limits::run($name, data)
        );

        libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
            let mut dice = hookshift_fuzz::dice::Dice::new(u64::from(seed));
            // Bytes that nobody would write find what no grammar knows of.
            if dice.one_in(4) {
                return libfuzzer_sys::fuzzer_mutate(data, size, max_size);
            }
            let pool = hookshift_fuzz::seeds::Pool::shared();
            let kind = hookshift_fuzz::targets::Target::named($name).kind;
            let mutated = hookshift_fuzz::mutate::mutate(kind, &data[..size], pool, &mut dice, max_size);
            data[..mutated.len()].copy_from_slice(&mutated);
            mutated.len()
        });
    };
}
