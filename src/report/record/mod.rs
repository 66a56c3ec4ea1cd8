//! The contract's JSON documents as structs; field order is the order in the file.

mod explain;
mod problem;
mod route;
mod verify;

pub use explain::{
    CandidateRecord, CopyRecord, DisagreementRecord, EXPLAIN_FORMAT, ExplainRecord, FailedRecord, HopRecord,
    RivalRecord, connector_clause_word, exclusion_word, outcome_word, recipient_text,
};
pub use problem::{InputRecord, LabelRecord, PROBLEM_FORMAT, PlaceRecord, ProblemRecord};
pub use route::{
    NodeRecord, PlanRecord, ROUTES_FORMAT, RouteOutcome, RouteRecord, Routes, clause_word, leg_name, relay_word,
};
pub use verify::{
    BlackHoleRecord, MessageClassRecord, RecipientRecord, SizeRecord, StepRecord, VERIFY_FORMAT, VerifyRecord,
    WitnessRecord,
};
