//! One message at one instant: who the recipients are, what happens to each, where copies split, where mail waits.
//!
//! * `recipient`: from an address to a destination (D21, D32, D33);
//! * `explain`: the outcome for one recipient, with the decision that led to it (D18–D31);
//! * `journey`: who is tried and where mail waits when something is down (RT-2.4, D38–D40);
//! * `answer`: one outcome or several copies, whatever was asked for;
//! * `fan_out`: the copies of a message with several recipients (RT-2.5, D34–D37);
//! * `hop_limit`: how many servers may handle a message (LS-2.2);
//! * `servers`: which server of the next hop takes a connection (RT-2.10, RT-2.12).
//!
//! Outcomes are values: unreachable and NDR are answers. This layer must not know link state or time.

mod answer;
mod explain;
mod fan_out;
mod hop_limit;
mod journey;
mod recipient;
mod servers;

pub use answer::{Answer, Fate, answer};
pub use explain::{Explanation, Outcome, Reason, explain};
pub use fan_out::{Copies, Copy, Hop, copies};
pub use hop_limit::{HopReport, hop_limit, hop_report};
pub use journey::{Disagreement, Journey, other_sites};
pub use recipient::{DeliveryGroup, Destination, Recipient, Refusal, expand};
pub use servers::{next_servers, round_robin};
