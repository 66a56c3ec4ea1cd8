//! The search for loops in pieces, against the search for everything at once.

use bridgehead::route::Graphs;
use bridgehead::verify::{Bounds, Piece, Pieces, World, verify};

use crate::engine::{link_state, options, read};
use crate::oracle::{over_seeds, report};
use crate::twin::random::{self, coexistence};

#[test]
fn pieces_together_are_one_search_wherever_a_bound_is_reached() {
    let test = "pieces_together_are_one_search_wherever_a_bound_is_reached";
    let differences = over_seeds(test, 0..500, coexistence, |seed| {
        let org = read(&coexistence(seed).to_string());
        let graphs = Graphs::new(&org);
        let twin = random::options(seed);
        let world = World::new(&org, &graphs, options(&twin), link_state(&twin));
        let failures_max = if seed % 7 == 0 { 2 } else { 1 };
        let enough = Bounds {
            failures_max,
            ..Bounds::default()
        };
        let all = verify(&world, enough, &mut |_, _| {}).checked;
        let budgets = [
            enough.checks_max,
            0,
            all,
            all.saturating_sub(1),
            all / 2,
            all / 3 + seed % 5,
        ];
        budgets.into_iter().find_map(|checks_max| {
            let bounds = Bounds { checks_max, ..enough };
            let whole = verify(&world, bounds, &mut |_, _| {});
            let pieces = Pieces::new(&world, bounds);
            let of = 1 + seed % 4;
            // As files: what is written and read again is the same.
            let part = |n: u64| {
                let range = pieces.len() * n / of..pieces.len() * (n + 1) / of;
                let text = serde_json::to_string(&pieces.search(range, &mut |_, _| {})).expect("JSON");
                serde_json::from_str::<Vec<Piece>>(&text).expect("what was written")
            };
            let found: Vec<Piece> = (0..of).flat_map(part).collect();
            if !found.iter().all(|piece| pieces.fits(piece)) {
                return Some(format!("pieces: a piece does not fit\nwith {checks_max} checks"));
            }
            let together = pieces.together(found);
            (together != whole).then(|| format!("pieces: {together:?}\nis not {whole:?}\nwith {checks_max} checks"))
        })
    });
    report(&differences);
}
