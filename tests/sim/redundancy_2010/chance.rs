//! By chance: servers crash, pause and are cut off, and come back as they were. Nothing is lost, and everything arrives.

use bridgehead::model::ClientKind;

use super::dag::PAIR;
use super::scenarios::{EDGE, LINE, STAR, two_hubs};
use super::scene::*;

/// A small generator, so that a seed says everything.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        let sides = u64::try_from(of.len()).expect("few");
        of[usize::try_from(self.roll(sides)).expect("few")]
    }
}

/// A topology, its servers, its mailboxes, whether it has a system outside.
type Case = (String, &'static [&'static str], &'static [&'static str], bool);

fn cases() -> [Case; 5] {
    let ann_bob: &[&str] = &["ann@x.example", "bob@x.example"];
    [
        (
            PAIR.replace("10s", "0s"),
            &["S1", "S2"],
            &["ann@x.example", "amy@x.example", "bob@x.example"],
            true,
        ),
        (
            LINE.to_owned(),
            &["HA", "HB", "MB", "MB2"],
            &["ann@x.example", "bob@x.example", "bea@x.example"],
            true,
        ),
        (two_hubs(), &["HA", "HB", "HB2", "MB"], ann_bob, true),
        (
            STAR.to_owned(),
            &["M", "H1", "H2", "HB", "HC"],
            &["ann@x.example", "bob@x.example", "cid@x.example"],
            false,
        ),
        (EDGE.to_owned(), &["Edge01", "HA", "MA"], &["amy@x.example"], true),
    ]
}

/// Eight messages and eight faults within six hours; all is mended at 7:00:00.
fn scene(seed: u64, destroys: bool) -> Scene {
    let mut dice = Dice(seed);
    dice.roll(2);
    let [a, b, c, d, e] = cases();
    let (topology, servers, mailboxes, outside) = match dice.roll(5) {
        0 => a,
        1 => b,
        2 => c,
        3 => d,
        _ => e,
    };
    let mut scene = Scene::new(&topology)
        .peer("Far", dice.roll(2) == 0, Some(45 * SECOND))
        .peer("Internet01", false, None);
    for _ in 0..8 {
        let at = dice.roll(6 * HOUR);
        let to = [dice.one(mailboxes), dice.one(mailboxes)];
        let first = servers[0];
        scene = match dice.roll(3) {
            0 if outside => scene.external(at, "Far", first, &to),
            1 if outside => scene.client(at, ClientKind::Smtp, first, None, &to),
            _ => scene.mail(at, dice.one(mailboxes), &to),
        };
    }
    for _ in 0..8 {
        let at = dice.roll(6 * HOUR);
        let back = at + dice.roll(5 * HOUR);
        let (server, other) = (dice.one(servers), dice.one(servers));
        scene = match dice.roll(if destroys { 4 } else { 3 }) {
            0 => scene.down(at, server).up(back, server),
            1 => scene.pause(at, server).up(back, server),
            2 if server != other => scene.cut(at, server, other).mend(back, server, other),
            3 => scene.destroy(at, server).up_new(back, server),
            _ => scene.down(at, server).up(at + 10 * SECOND, server),
        };
    }
    for server in servers {
        scene = scene.up(12 * HOUR, server);
        for other in servers {
            scene = scene.mend(12 * HOUR, server, other);
        }
    }
    scene
}

/// I1, I3, I17 where no database is lost: every message arrives, whoever has taken it over in between, and shadows drain.
#[test]
fn what_comes_back_as_it_was_loses_nothing() {
    let seeds = std::env::var("SEEDS")
        .ok()
        .and_then(|seeds| seeds.parse().ok())
        .unwrap_or(100);
    for seed in 0..seeds {
        let played = scene(seed, false).play();
        for fate in played.fates() {
            let kind = fate.split(' ').nth(2).unwrap_or_default();
            let arrived = ["delivered", "suppressed_duplicate"].contains(&kind);
            assert!(arrived, "seed {seed}: {fate}\n{}", played.lines().join("\n"));
        }
        assert!(
            played.run.over,
            "seed {seed} is not over\n{}",
            played.lines().join("\n")
        );
    }
}

/// With destroyed servers too a run ends, and the same seed is the same run.
#[test]
fn the_same_seed_is_the_same_run() {
    for seed in 0..20 {
        assert_eq!(scene(seed, true).play().lines(), scene(seed, true).play().lines());
    }
}
