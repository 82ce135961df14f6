//! The directory against a slow and obvious reading of the rules, over random histories.

use proptest::prelude::*;

use super::*;

/// One run of one channel, which brings exactly these items.
type Run = (&'static str, Vec<Content>);

fn restrictions() -> impl Strategy<Value = Restrictions> {
    prop_oneof![
        4 => Just(Restrictions::None),
        1 => Just(only("ada")),
        1 => Just(only("@eng,bob")),
        1 => Just(only("")),
        1 => Just(Restrictions::Unknown),
    ]
}

fn status() -> impl Strategy<Value = Status> {
    prop_oneof![4 => Just(Status::Current), 1 => Just(Status::Draft), 1 => Just(Status::Trashed)]
}

fn id() -> impl Strategy<Value = ContentId> {
    (1..6_u8).prop_map(|id| ContentId::new(id.to_string()))
}

fn above() -> impl Strategy<Value = Ancestor> {
    (id(), prop::option::of(status())).prop_map(|(id, status)| Ancestor {
        status,
        ..ancestor(id.as_str())
    })
}

fn content() -> impl Strategy<Value = Content> {
    let space = prop::option::of(prop::sample::select(vec!["A", "B"]));
    let on = prop::option::weighted(0.3, id());
    let above = prop::collection::vec(above(), 0..3);
    (id(), status(), restrictions(), space, above, on).prop_map(
        |(id, status, restrictions, space, ancestors, on)| Content {
            status,
            restrictions,
            ancestors,
            space_key: space.map(str::to_owned),
            container: on.map(|id| container(id.as_str())),
            ..Content::new(ContentType::Page, id, "Title")
        },
    )
}

fn runs() -> impl Strategy<Value = Vec<Run>> {
    let items = prop::collection::btree_map(id(), content(), 0..5).prop_map(|items| {
        let items = items.into_iter();
        items
            .map(|(id, content)| Content { id, ..content })
            .collect()
    });
    prop::collection::vec((prop::sample::select(vec!["x", "y"]), items), 1..5)
}

/// What the store should hold: items and the channels that reach them.
#[derive(Default)]
struct Naive {
    rows: BTreeMap<ContentId, (Content, BTreeSet<&'static str>)>,
    spaces: Vec<Space>,
}

impl Naive {
    fn run(&mut self, (channel, items): &Run) {
        for content in items {
            let row = self.rows.entry(content.id.clone());
            let row = row.or_insert_with(|| (content.clone(), BTreeSet::new()));
            row.0 = content.clone();
            row.1.insert(channel);
        }
        for (id, (_, channels)) in &mut self.rows {
            if !items.iter().any(|content| content.id == *id) {
                channels.remove(channel);
            }
        }
        self.rows.retain(|_, (_, channels)| !channels.is_empty());
    }

    fn visible(&self, viewer: &Viewer) -> BTreeSet<String> {
        let all = self.rows.values().map(|(content, _)| content);
        let seen = all.filter(|content| self.sees(viewer, content));
        seen.map(|content| content.id.0.clone()).collect()
    }

    fn sees(&self, viewer: &Viewer, content: &Content) -> bool {
        if *viewer == Viewer::Service {
            return true;
        }
        let mut ids = vec![content.id.clone()];
        let mut space = content.space_key.clone();
        ids.extend(content.ancestors.iter().map(|above| above.id.clone()));
        let mut next = content.container.as_ref().map(|container| &container.id);
        let mut steps = Vec::new();
        while let Some(id) = next.filter(|id| !steps.contains(id)) {
            steps.push(id);
            ids.push(id.clone());
            let Some((row, _)) = self.rows.get(id) else {
                break;
            };
            ids.extend(row.ancestors.iter().map(|above| above.id.clone()));
            space = space.or(row.space_key.clone());
            next = row.container.as_ref().map(|container| &container.id);
        }
        self.space_lets(viewer, space.as_deref()) && ids.iter().all(|id| self.lets(viewer, id))
    }

    fn space_lets(&self, viewer: &Viewer, key: Option<&str>) -> bool {
        let Some(key) = key else { return true };
        if self.spaces.is_empty() {
            return matches!(viewer, Viewer::Person(_));
        }
        // The only space that is ever described lets `bob` in.
        self.spaces.iter().any(|space| space.key == key) && is(viewer, "bob")
    }

    fn lets(&self, viewer: &Viewer, id: &ContentId) -> bool {
        let rows = || self.rows.values().map(|(content, _)| content);
        let is_gone = |status| matches!(status, Some(&(Status::Draft | Status::Trashed)));
        let mut mentions = rows()
            .flat_map(|row| &row.ancestors)
            .filter(|above| above.id == *id);
        let is_container = rows().any(|row| row.container.as_ref().is_some_and(|c| c.id == *id));
        let Some((row, _)) = self.rows.get(id) else {
            return !is_container && mentions.all(|above| is_gone(above.status.as_ref()));
        };
        if is_gone(Some(&row.status)) && mentions.next().is_some() && !is_container {
            return true;
        }
        match &row.restrictions {
            Restrictions::None => true,
            Restrictions::Unknown => false,
            Restrictions::Only { users, groups } => {
                let in_group = is(viewer, "ada") && groups.contains(&"eng".to_owned());
                in_group || users.iter().any(|user| is(viewer, user))
            }
        }
    }
}

fn is(viewer: &Viewer, name: &str) -> bool {
    let person = viewer.person();
    person.is_some_and(|person| person.user.account_id.as_deref() == Some(name))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn gates_agree_with_the_rules(runs in runs(), described in any::<bool>()) {
        let bench = Bench::new();
        let mut naive = Naive::default();
        if described {
            naive.spaces = parse("space A users:bob").0;
            bench.store.put_space(bench.site, &naive.spaces[0]).unwrap();
        }
        let mut before = bench.store.directory().unwrap();
        for run in &runs {
            naive.run(run);
            let items: Vec<Item> = run.1.iter().map(|content| (content.clone(), None)).collect();
            let id = bench.run();
            bench.store.put_content(id, bench.site, run.0, &items).unwrap();
            bench.store.remove_unseen(id, bench.site, run.0).unwrap();

            for (name, viewer) in &viewers() {
                prop_assert_eq!(bench.visible(viewer), naive.visible(viewer), "{}", name);
            }
            let after = bench.store.directory().unwrap();
            prop_assert_eq!(after.epoch, bench.epoch());
            prop_assert!(after.gates == before.gates || after.epoch > before.epoch);
            before = after;
        }
    }

    /// Reading the changes in slices, at any moment, ends at the same state as reading
    /// everything at the end.
    #[test]
    fn an_index_that_follows_is_up_to_date(runs in runs()) {
        let bench = Bench::new();
        let mut index = BTreeMap::new();
        let mut after = 0;
        for run in &runs {
            let items: Vec<Item> = run.1.iter().map(|content| (content.clone(), None)).collect();
            let id = bench.run();
            bench.store.put_content(id, bench.site, run.0, &items).unwrap();
            bench.store.remove_unseen(id, bench.site, run.0).unwrap();
            for change in bench.store.changes(after, 3).unwrap() {
                after = follow(&mut index, change);
            }
        }
        for change in bench.store.changes(after, usize::MAX).unwrap() {
            follow(&mut index, change);
        }
        let mut fresh = BTreeMap::new();
        for change in bench.store.changes(0, usize::MAX).unwrap() {
            follow(&mut fresh, change);
        }
        prop_assert_eq!(index, fresh);
    }
}

/// Keeps what an index row depends on.
fn follow(index: &mut BTreeMap<ContentId, String>, change: Change) -> u64 {
    match change {
        Change::Put { seq, stored } => {
            let id = stored.content.id.clone();
            let channels = stored.channels.clone();
            let hash = stored.hash.clone();
            let lineage = document(stored).lineage();
            index.insert(id, format!("{lineage:?} {channels:?} {hash}"));
            seq
        }
        Change::Delete { seq, key } => {
            index.remove(&key.id);
            seq
        }
    }
}
