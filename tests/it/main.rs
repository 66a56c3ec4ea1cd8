//! One integration binary: every test goes in through the doors that users have.

mod all_pairs;
mod attacks;
mod bad_input;
mod cli;
mod engine;
mod everywhere;
mod golden;
mod import;
mod laws;
mod ledger;
mod lint;
mod loop_oracle;
mod oracle;
mod pieces;
mod rules;
mod runner_up;
mod support;
mod sweep;
mod tidy;
mod towards;
mod twin;
mod worked_examples;
