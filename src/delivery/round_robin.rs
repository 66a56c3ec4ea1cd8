//! Which server of the next hop takes a connection (RT-2.10).

/// `servers` in the order in which connection number `connection` (from 0) tries them: each connection begins one server
/// further on, and what does not answer is passed over in favour of the next of the list.
///
/// The same for the servers of a site, the source servers of a connector in one site, the target servers of a
/// routing-group connector, Edge servers of one subscription, and smart hosts. Nothing is balanced across connectors,
/// paths or sites.
pub fn round_robin<T: Copy>(servers: &[T], connection: usize) -> impl Iterator<Item = T> {
    let first = connection.checked_rem(servers.len()).unwrap_or(0);
    let (before, from) = servers.split_at(first);
    from.iter().chain(before).copied()
}
