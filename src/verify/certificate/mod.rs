//! A certificate of what a verification claims, and a checker that does not search.
//!
//! The certificate lists, for every recipient and kind of message, the failure sets that were tried and the least costs
//! that legacy groups went by; and, once for all, the least distances from sites and to groups that 2007 and later servers go
//! by. The checker does not have to find anything: it holds the numbers against every link and connector (nothing offers a
//! cheaper way, and something offers exactly this), reads the choices of every router off them, sees that no circle is
//! there, and that every set with one connector more that could change something is listed too.
//!
//! # What search and checker share
//!
//! * The model: the organization as it was read, with who is a transport server; which addresses a space fits and how
//!   closely, which messages a list of restrictions lets through, the order of names.
//! * The documents and the decisions on them (`D…`, `V…`): a rule that is misread in them is misread twice.
//! * The argument that circles pass an anchor, and that only hot connectors matter ([`crate::verify`]). The checker works
//!   out for itself which these are.
//!
//! Nothing else: not the graphs, the searches for paths, connector selection, link state, nor the classes of recipients and
//! messages, all of which `check` has in a shape of its own, and no code that writes certificates. `tests/it/tidy.rs` holds it
//! to its imports.
//!
//! # What it costs
//!
//! Every number of a certificate is looked at once for each connector of its group, or each link of its site, and every
//! listed set once for each connector of the groups that mail reaches with it. So time grows as certificates do: over
//! `generate --shape legacy-mesh` with 160 to 2,560 sites and one failure, while certificates grow from 0.7 to 170 megabytes,
//! a megabyte takes the same time within a quarter, and with two failures it does too. A certificate itself grows with
//! recipients times groups.

mod check;
mod format;
mod write;

pub use self::format::{
    CERTIFICATE_FORMAT, Certificate, Checked, Claim, Costs, Decisions, Distance, Flaw, FromSite, Letter, Origin,
    ToGroup, Urgency, Whom,
};
pub(super) use self::write::Writer;
use crate::linkstate;
use crate::model::Organization;
use crate::route::Options;

/// Holds `certificate` against `org` under these open decisions.
///
/// O(certificate × connectors of a group).
pub fn check(
    org: &Organization,
    options: Options,
    link_state: linkstate::Options,
    certificate: &Certificate,
) -> Checked {
    check::check(org, Decisions::of(options, link_state), certificate)
}
