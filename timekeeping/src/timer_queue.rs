//! A queue of deadlines: which timer is due, and when the hardware should next interrupt.
//!
//! Every timer has a deadline, before which it must not fire, and a slack, by which it may fire
//! late. The heap is ordered by the *latest* moment, deadline plus slack, and that of its top is what
//! the one-shot timer is armed for; at that interrupt every timer on top whose deadline has passed is
//! taken along. So timers that lie close together cost one interrupt, and still none of them is ever
//! late by more than its slack: whatever stands below a top that isn't due has an even later latest
//! moment.
//!
//! Memory grows only in [`TimerQueue::register`]; arming, cancelling and popping never allocate.

use alloc::vec::Vec;

use abi::Errno;
use units::Nanos;

/// Names a registered timer. A released name is recognised as stale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimerId {
    slot: u32,
    generation: u32,
}

/// Why a timer operation was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimerError {
    /// The queue could not grow.
    NoMemory,
    /// The timer was released, or is of another queue.
    NoSuchTimer,
}

impl From<TimerError> for Errno {
    fn from(error: TimerError) -> Self {
        match error {
            TimerError::NoMemory => Self::ENOMEM,
            TimerError::NoSuchTimer => Self::ENOENT,
        }
    }
}

/// Position of a timer that isn't armed.
const IDLE: u32 = u32::MAX;

#[derive(Clone, Copy)]
struct Slot {
    generation: u32,
    /// Index in the heap, or [`IDLE`].
    position: u32,
}

#[derive(Clone, Copy)]
struct Entry {
    latest: u64,
    deadline: u64,
    slot: u32,
}

impl Entry {
    /// The slot number makes the order total, hence the outcome repeatable.
    fn before(&self, other: &Self) -> bool {
        (self.latest, self.slot) < (other.latest, other.slot)
    }
}

/// The queue of one processor.
#[derive(Default)]
pub struct TimerQueue {
    slots: Vec<Slot>,
    free: Vec<u32>,
    heap: Vec<Entry>,
}

impl TimerQueue {
    /// A queue without timers.
    pub const fn new() -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
            heap: Vec::new(),
        }
    }

    /// Makes room for one more timer, which starts out idle. The only operation that allocates.
    pub fn register(&mut self) -> Result<TimerId, TimerError> {
        if let Some(slot) = self.free.pop()
            && let Some(s) = self.slots.get(slot as usize)
        {
            return Ok(TimerId {
                slot,
                generation: s.generation,
            });
        }
        let slot = u32::try_from(self.slots.len()).map_err(|_| TimerError::NoMemory)?;
        if slot == IDLE {
            return Err(TimerError::NoMemory);
        }
        // Reserve in all three, so that neither arming nor releasing can fail.
        let want = self.slots.len() + 1;
        reserve(&mut self.slots, want)?;
        reserve(&mut self.free, want)?;
        reserve(&mut self.heap, want)?;
        self.slots.push(Slot {
            generation: 0,
            position: IDLE,
        });
        Ok(TimerId {
            slot,
            generation: 0,
        })
    }

    /// Cancels the timer and gives its name up.
    pub fn release(&mut self, id: TimerId) -> Result<(), TimerError> {
        self.cancel(id)?;
        if let Some(slot) = self.slots.get_mut(id.slot as usize) {
            slot.generation = slot.generation.wrapping_add(1);
            self.free.push(id.slot);
        }
        Ok(())
    }

    /// Lets the timer fire in `deadline ..= deadline + slack`, in place of what it was armed for.
    /// [`Nanos::NEVER`] as deadline makes it idle.
    #[inline]
    pub fn arm(&mut self, id: TimerId, deadline: Nanos, slack: Nanos) -> Result<(), TimerError> {
        let position = self.position(id)?;
        if deadline == Nanos::NEVER {
            self.remove(position);
            return Ok(());
        }
        let entry = Entry {
            latest: deadline.0.saturating_add(slack.0),
            deadline: deadline.0,
            slot: id.slot,
        };
        if position == IDLE {
            let at = self.heap.len();
            self.heap.push(entry);
            self.sift_up(at, entry);
        } else {
            self.replace(position as usize, entry);
        }
        Ok(())
    }

    /// Makes the timer idle; true if it was armed.
    #[inline]
    pub fn cancel(&mut self, id: TimerId) -> Result<bool, TimerError> {
        let position = self.position(id)?;
        self.remove(position);
        Ok(position != IDLE)
    }

    /// Takes one timer that may fire at `now` and makes it idle. Call until `None`; then no timer
    /// is left whose deadline plus slack has been reached.
    #[inline]
    pub fn pop_due(&mut self, now: Nanos) -> Option<TimerId> {
        let top = self.heap.first()?;
        if top.deadline > now.0 {
            return None;
        }
        let slot = top.slot;
        self.remove(0);
        let generation = self.slots.get(slot as usize)?.generation;
        Some(TimerId { slot, generation })
    }

    /// When the hardware should interrupt next, or [`Nanos::NEVER`].
    #[inline]
    pub fn next_deadline(&self) -> Nanos {
        self.heap.first().map_or(Nanos::NEVER, |e| Nanos(e.latest))
    }

    /// The deadline for which a timer is armed.
    pub fn deadline(&self, id: TimerId) -> Option<Nanos> {
        let position = self.position(id).ok()?;
        self.heap.get(position as usize).map(|e| Nanos(e.deadline))
    }

    /// How many timers are armed.
    pub fn armed(&self) -> usize {
        self.heap.len()
    }

    /// The armed timers with deadline and latest moment, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = (TimerId, Nanos, Nanos)> + '_ {
        self.heap.iter().filter_map(|e| {
            let generation = self.slots.get(e.slot as usize)?.generation;
            let id = TimerId {
                slot: e.slot,
                generation,
            };
            Some((id, Nanos(e.deadline), Nanos(e.latest)))
        })
    }

    fn position(&self, id: TimerId) -> Result<u32, TimerError> {
        match self.slots.get(id.slot as usize) {
            Some(slot) if slot.generation == id.generation => Ok(slot.position),
            _ => Err(TimerError::NoSuchTimer),
        }
    }

    /// Takes the entry at `position` out; nothing for [`IDLE`].
    fn remove(&mut self, position: u32) {
        let at = position as usize;
        let Some(slot) = self.heap.get(at).map(|e| e.slot) else {
            return;
        };
        self.set_position(slot, IDLE);
        if let Some(last) = self.heap.pop()
            && at < self.heap.len()
        {
            self.replace(at, last);
        }
    }

    /// Puts `entry` in the place of what is at `at`, and restores the order.
    fn replace(&mut self, at: usize, entry: Entry) {
        let up = at > 0 && self.heap.get((at - 1) / 2).is_some_and(|p| entry.before(p));
        if up {
            self.sift_up(at, entry);
        } else {
            self.sift_down(at, entry);
        }
    }

    fn sift_up(&mut self, mut at: usize, entry: Entry) {
        while at > 0 {
            let up = (at - 1) / 2;
            match self.heap.get(up).copied() {
                Some(parent) if entry.before(&parent) => self.place(at, parent),
                _ => break,
            }
            at = up;
        }
        self.place(at, entry);
    }

    fn sift_down(&mut self, mut at: usize, entry: Entry) {
        loop {
            let left = 2 * at + 1;
            let (mut child, mut down) = match self.heap.get(left).copied() {
                Some(c) => (c, left),
                None => break,
            };
            if let Some(right) = self.heap.get(left + 1).copied()
                && right.before(&child)
            {
                (child, down) = (right, left + 1);
            }
            if !child.before(&entry) {
                break;
            }
            self.place(at, child);
            at = down;
        }
        self.place(at, entry);
    }

    fn place(&mut self, at: usize, entry: Entry) {
        if let Some(e) = self.heap.get_mut(at) {
            *e = entry;
        }
        self.set_position(entry.slot, at as u32);
    }

    fn set_position(&mut self, slot: u32, position: u32) {
        if let Some(s) = self.slots.get_mut(slot as usize) {
            s.position = position;
        }
    }
}

/// Gives `vec` a capacity of at least `want`, growing in powers of two.
fn reserve<T>(vec: &mut Vec<T>, want: usize) -> Result<(), TimerError> {
    let extra = want.saturating_sub(vec.len());
    vec.try_reserve(extra).map_err(|_| TimerError::NoMemory)
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use proptest::prelude::*;
    use std::vec;

    #[derive(Clone, Debug)]
    enum Op {
        Register,
        Release(usize),
        Arm(usize, u64, u64),
        Cancel(usize),
        Advance(u64),
    }

    fn op() -> impl Strategy<Value = Op> {
        prop_oneof![
            2 => Just(Op::Register),
            1 => (0usize..40).prop_map(Op::Release),
            8 => (0usize..40, 0u64..500, 0u64..60).prop_map(|(i, d, s)| Op::Arm(i, d, s)),
            2 => (0usize..40).prop_map(Op::Cancel),
            4 => (0u64..80).prop_map(Op::Advance),
        ]
    }

    /// Per registered timer: deadline and latest, if armed.
    type Model = Vec<(TimerId, Option<(u64, u64)>)>;

    fn next(model: &Model) -> u64 {
        let latest = model.iter().filter_map(|(_, a)| a.map(|(_, l)| l));
        latest.min().unwrap_or(u64::MAX)
    }

    proptest! {
        #![proptest_config(crate::proptest_config())]

        #[test]
        fn agrees_with_a_list(ops in prop::collection::vec(op(), 1..400)) {
            let mut queue = TimerQueue::new();
            let mut model: Model = vec![];
            let mut stale = vec![];
            let mut now = 0;
            for op in ops {
                match op {
                    Op::Register => {
                        let id = queue.register().unwrap();
                        prop_assert!(model.iter().all(|(m, _)| *m != id));
                        prop_assert!(!stale.contains(&id));
                        model.push((id, None));
                    }
                    Op::Release(i) if i < model.len() => {
                        let (id, _) = model.swap_remove(i);
                        queue.release(id).unwrap();
                        stale.push(id);
                    }
                    Op::Arm(i, after, slack) if i < model.len() => {
                        let deadline = now + after;
                        queue.arm(model[i].0, Nanos(deadline), Nanos(slack)).unwrap();
                        model[i].1 = Some((deadline, deadline + slack));
                    }
                    Op::Cancel(i) if i < model.len() => {
                        let was = queue.cancel(model[i].0).unwrap();
                        prop_assert_eq!(was, model[i].1.is_some());
                        model[i].1 = None;
                    }
                    Op::Advance(by) => {
                        now += by;
                        let mut last = 0;
                        while let Some(id) = queue.pop_due(Nanos(now)) {
                            let entry = model.iter_mut().find(|(m, _)| *m == id).unwrap();
                            let (deadline, latest) = entry.1.take().unwrap();
                            prop_assert!(deadline <= now, "early");
                            prop_assert!(latest >= last, "order");
                            last = latest;
                        }
                        prop_assert!(model.iter().all(|(_, a)| a.is_none_or(|(_, l)| l > now)), "late");
                    }
                    _ => {}
                }
                prop_assert_eq!(queue.next_deadline().0, next(&model));
                prop_assert_eq!(queue.armed(), model.iter().filter(|(_, a)| a.is_some()).count());
                for (id, armed) in &model {
                    prop_assert_eq!(queue.deadline(*id).map(|d| d.0), armed.map(|(d, _)| d));
                }
                for id in &stale {
                    prop_assert_eq!(queue.arm(*id, Nanos(1), Nanos(1)), Err(TimerError::NoSuchTimer));
                }
            }
        }
    }

    #[test]
    fn close_timers_share_an_interrupt() {
        let mut queue = TimerQueue::new();
        let (a, b) = (queue.register().unwrap(), queue.register().unwrap());
        queue.arm(a, Nanos(100), Nanos(50)).unwrap();
        queue.arm(b, Nanos(140), Nanos(50)).unwrap();
        assert_eq!(queue.next_deadline(), Nanos(150));
        assert_eq!(queue.pop_due(Nanos(99)), None);
        assert_eq!(queue.pop_due(Nanos(150)), Some(a));
        assert_eq!(queue.pop_due(Nanos(150)), Some(b));
        assert_eq!(queue.next_deadline(), Nanos::NEVER);
    }

    #[test]
    fn arming_never_grows_memory() {
        let mut queue = TimerQueue::new();
        let ids: Vec<_> = (0..100).map(|_| queue.register().unwrap()).collect();
        let before = (queue.heap.capacity(), queue.free.capacity());
        for (i, id) in ids.iter().enumerate() {
            queue.arm(*id, Nanos(i as u64), Nanos::ZERO).unwrap();
        }
        ids.iter().for_each(|id| queue.release(*id).unwrap());
        assert_eq!(before, (queue.heap.capacity(), queue.free.capacity()));
        assert_eq!(queue.armed(), 0);
    }

    #[test]
    fn never_disarms() {
        let mut queue = TimerQueue::new();
        let id = queue.register().unwrap();
        queue.arm(id, Nanos(5), Nanos::NEVER).unwrap();
        assert_eq!(queue.next_deadline(), Nanos::NEVER);
        assert_eq!(queue.pop_due(Nanos(5)), Some(id));
        queue.arm(id, Nanos(5), Nanos(1)).unwrap();
        queue.arm(id, Nanos::NEVER, Nanos(1)).unwrap();
        assert_eq!((queue.armed(), queue.deadline(id)), (0, None));
    }
}
