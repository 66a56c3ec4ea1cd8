//! The command line of Bridgehead: arguments, files, exit statuses. What it prints is made by the library.

mod cli;

fn main() -> std::process::ExitCode {
    cli::run()
}
