//! Answers and problems as people and programs read them: indices become names here and nowhere else.
//!
//! The records of [`record`] are the contract's JSON (section 3). Rendering goes through an [`std::io::Write`] that the
//! caller hands in and depends on nothing but its arguments: the same input gives the same bytes. Names from the input are
//! data: what would steer a terminal is shown escaped.
//!
//! This layer decides nothing: what a rule left open is open here too.

mod bench;
mod detail;
mod diff;
mod escape;
mod explain;
pub mod import;
mod lint;
mod problems;
pub mod record;
mod routes;
mod rules;
mod schema;
mod simulate;
mod sweep;
mod text;
mod verify;

pub use bench::{BENCH_FORMAT, BenchFormat, BenchRecord, CaseRecord, write_bench};
pub use diff::{Change, ChangeRecord, DIFF_FORMAT, Diff, DiffFormat, Totals, write_diff};
pub use escape::escaped;
pub use explain::{ExplainQuery, rival_of, write_explain};
pub use lint::{LINT_FORMAT, LintFormat, LintRecord, LintResult, write_lint};
pub use problems::{MessageFormat, write_problems};
pub use routes::{RoutesFormat, RoutesQuery, write_routes};
pub use schema::{MakeSchema, SCHEMAS, schema};
pub use simulate::{
    ActorRecord, CameRecord, Disturbed, EndedRecord, EventRecord, EvidenceRecord, ExpectationRecord, FateRecord,
    FaultRecord, Many, OutcomeRecord, OutcomesRecord, QueueRecord, SIMULATE_FORMAT, SearchedRecord, SeedsRecord,
    SimulateDocument, SimulateFormat, SimulateRecord, StopRecord, StoreRecord, Telling, UndisturbedRecord,
    ViolationRecord, WaitsRecord, stop_argument, violation_text, write_outcomes,
};
pub use sweep::{
    AfterRecord, FailedRecord, GreatestRecord, LengthRecord, LineRecord, PairRecord, QueuedRecord, Rehearsal,
    SWEEP_FORMAT, SWEEP_LINE_FORMAT, SweepFormat, SweepRecord, SweptRecord, TotalsRecord, write_sweep, write_swept,
};
pub use text::{Page, Palette};
pub use verify::{
    CHECK_FORMAT, CheckRecord, EditRecord, Findings, FlawRecord, InBetween, RepairRecord, VerifyFormat,
    write_certificate, write_checked, write_verify,
};
