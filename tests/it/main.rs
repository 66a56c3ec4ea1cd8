//! One integration binary: every test goes in through the doors that users have.

mod bad_input;
mod cli;
mod engine;
mod import;
mod oracle;
mod runner_up;
mod twin;
