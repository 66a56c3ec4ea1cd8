//! Whether mail can circle, for every recipient, every class of messages and every set of failures up to a size.
//!
//! # Why loops exist, and where to look for them
//!
//! With one shared view every hand-over lowers what is left of the cost, so nothing circles. Mail circles where two routers
//! that hand it to each other disagree. There are three ways to disagree:
//!
//! 1. *A legacy group and the 2007 group* (LS-3.2): legacy servers leave out connectors that they believe down, or that refuse
//!    the message; 2007 sees none of this. Such a circle enters the 2007 group.
//! 2. *Two legacy groups of different audiences* ([`crate::linkstate::Audience`]): in two islands, or one of them stale. Such
//!    a circle crosses from one audience to another.
//! 3. *2007 RTM and later versions*: RTM does not see X.400 connectors (R72). Such a circle may stay among sites.
//!
//! Two more look like ways to disagree and are none:
//!
//! * *Scope.* A connector that only its own group may use makes that group head for other connectors than the rest of its audience
//!   (D29). But it is in the group itself. If it fits best alone, the group sends by it or keeps the mail, and hands nothing over. If
//!   others fit as well, a way that leaves the group ends at one of those, and is one of the ways that the rest of the audience
//!   would take from there. So whoever hands over lowers the same cost.
//! * *Later versions among themselves.* 2013 and later break ties between connectors by hops, 2007 and 2010 by names (D26). Whichever
//!   is taken, every hand-over between sites lowers the cost that is left, which all of them count alike.
//!
//! So every circle passes an *anchor*: a server where connectors enter the 2007 group, a group that a connector of another
//! audience leads to, or, where RTM and later versions live together, any site.
//!
//! # Why few sets of failures have to be tried
//!
//! The search begins with nothing failed and adds, one at a time, only connectors that are *hot*: on a best path of a legacy
//! group that mail from an anchor can reach, and believed down by that group if it fails. Let `F` be a minimal set that makes
//! mail circle, and `G` a part of it that was tried. Suppose nothing in `F` outside `G` were hot for `G`. Taking connectors away that
//! are on no best path leaves best paths as they are; so every group that mail from an anchor reaches has the same best paths with
//! `F` as with `G`. All that can differ is a connector that has failed although the group does not believe it: a hand-over with
//! `G` is a wait with `F`. So the choices with `F` are those with `G` without some hand-overs, every circle with `F` is there with `G`,
//! and `F` would not be minimal. If nobody gets out of the circle (`must`), nobody waits in what it reaches, so that nothing differs
//! there, and with `G` nobody gets out either. So some set one larger than `G` and inside `F` is tried, and in the end `F` itself. A
//! set that only *may* loop is searched beyond, since more failures can make it certain.
//!
//! Most of these sets show nothing, for legacy groups have other ways than through the 2007 group. Where every anchor is a site, a
//! circle that hangs on failures comes back from a legacy group to which sites hand mail: what sites do hangs on none, and among
//! legacy groups alone nothing circles. As long as each of these groups has a way around the 2007 group that is cheaper than any
//! through it can be, whatever fails, nothing comes back. So a set that leaves such a way open to each needs no computation: no circle is new, nor does one among sites become certain, since
//! mail that reaches such a group gets out, and what reaches none hangs on no failure. What makes mail circle
//! beyond it has a connector of one of these ways: that is added, as in a search for hitting sets (`scene/detours.rs`). A certificate
//! lists computations and no such ways, so that its checker need not know of this.
//!
//! Ties are never broken: where documents differ on which of several equally good connectors is taken (Q8), all are.
//!
//! * [`recipients`], [`message_classes`]: what is told apart;
//! * `told_apart`: both listed, and loops that are the same in several classes listed once;
//! * `scene`: what every router does with one class for one recipient;
//! * `circles`: circles in the graph of choices, and whether mail can leave them;
//! * [`Pieces`]: the same search cut into pieces that need not know of each other;
//! * `search`: which sets of failures are tried;
//! * [`skew()`]: loops while legacy groups still act on an older configuration;
//! * [`flood()`]: loops while news of failures is under way;
//! * [`life()`]: what ends a message that circles;
//! * `why`: what each router of a circle went by;
//! * [`certify`], [`check`]: what a verification claims, and a checker that does not search;
//! * [`repair`]: the smallest change that clears every loop;
//! * [`if_exempt_without_alternative`]: the answer under the other reading of an open question;
//! * [`Engine`]: no loops, but every failure of a site link or a site, and what it does to mail between sites;
//! * `black_holes`: failures that legacy groups walk into although they have another way.

mod black_holes;
mod certificate;
mod circles;
mod classes;
mod exemption;
mod flood;
mod life;
mod pieces;
mod recipients;
mod repair;
mod scene;
mod search;
mod skew;
mod sweep;
mod told_apart;
mod why;
mod world;

pub use black_holes::BlackHole;
pub use certificate::{
    CERTIFICATE_FORMAT, Certificate, Checked, Claim, Costs, Decisions, Distance, Flaw, FromSite, Letter, Origin,
    ToGroup, Urgency, Whom, check,
};
pub use circles::Certainty;
pub(crate) use classes::in_words as classes_in_words;
pub use classes::{MessageClass, SizeBucket, message_classes};
pub use exemption::{IfExempt, if_exempt_without_alternative};
pub use flood::{Flood, News, Spell, UnderWay, flood};
pub use life::{End, Life, life};
pub use pieces::{Piece, Pieces};
pub use recipients::{Recipient, recipients};
pub use repair::{
    Edit, Repair, Repairs, describe, names_of_connect, phrase, powershell, repair, suppression_everywhere,
};
pub(crate) use repair::{after, restart_phrase};
pub use scene::{Choice, Failed, Rejection, Router};
pub use search::{Bound, Bounds, Step, Verdict, Verification, Witness, certify, verify};
pub use skew::{Skew, Transient, skew};
pub use sweep::{
    After, Engine, Failure, Failures, Greatest, GreatestOfAll, Outcome, Pair, PairChange, Sweep, Swept, Totals,
};
pub use why::{Hindrance, Rejected, Why, all_reasons, why_in_between, why_under_way};
pub use world::World;
