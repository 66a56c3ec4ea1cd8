//! One integration binary: every test goes in through the doors that users have.

mod import;
