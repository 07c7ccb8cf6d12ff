//! The `hookshift` command. Everything is in the library, where tests reach it.

fn main() -> std::process::ExitCode {
    hookshift::cli::main()
}
