//! Writes files in the [MaxMind DB format](https://maxmind.github.io/MaxMind-DB/),
//! so that tests look up made-up places of addresses that are nobody's.

mod data;
mod metadata;

use ipnet::IpNet;
use serde_json::Value;

/// Zeros between the tree and the data.
const SEPARATOR: [u8; 16] = [0; 16];

/// A file that is being made: a binary tree over the bits of addresses. Where it
/// is for IPv6, IPv4 addresses are below `::/96`.
#[derive(Clone, Debug)]
pub struct GeoFile {
    kind: String,
    only_ipv4: bool,
    nodes: Vec<[Child; 2]>,
    data: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
enum Child {
    Nothing,
    Node(usize),
    /// The offset of a record in the data.
    Record(usize),
}

impl GeoFile {
    /// A file without networks. `kind` is the type in its metadata, such as
    /// `GeoLite2-City`.
    pub fn new(kind: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            only_ipv4: false,
            nodes: vec![[Child::Nothing; 2]],
            data: Vec::new(),
        }
    }

    /// A file that knows IPv4 networks only.
    pub fn of_ipv4(kind: &str) -> Self {
        Self {
            only_ipv4: true,
            ..Self::new(kind)
        }
    }

    /// Adds a network, not of all addresses, and its record. Within a network
    /// that is there already it takes the place of a part of it.
    #[must_use]
    pub fn with(mut self, network: IpNet, record: &Value) -> Self {
        let offset = self.data.len();
        data::write(record, &mut self.data);
        let length = u32::from(network.prefix_len());
        let (bits, length) = match network {
            IpNet::V4(network) => {
                let bits = u128::from(u32::from(network.network()));
                if self.only_ipv4 {
                    (bits << 96, length)
                } else {
                    (bits, 96 + length)
                }
            }
            IpNet::V6(network) => (u128::from(network.network()), length),
        };
        let mut node = 0;
        for depth in 0..length {
            let side = usize::from(bits >> (127 - depth) & 1 == 1);
            if depth + 1 == length {
                self.nodes[node][side] = Child::Record(offset);
                break;
            }
            node = self.child(node, side);
        }
        self
    }

    /// The node on this side, made if there is none.
    fn child(&mut self, node: usize, side: usize) -> usize {
        let below = match self.nodes[node][side] {
            Child::Node(there) => return there,
            other => other,
        };
        let new = self.nodes.len();
        self.nodes.push([below; 2]);
        self.nodes[node][side] = Child::Node(new);
        new
    }

    /// The file.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for child in self.nodes.iter().flatten() {
            bytes.extend(self.pointer(*child).to_be_bytes());
        }
        bytes.extend(SEPARATOR);
        bytes.extend(&self.data);
        metadata::write(&self.kind, self.only_ipv4, self.nodes.len(), &mut bytes);
        bytes
    }

    /// A pointer of a node: to another by its number, to nothing as the number
    /// after the last, to a record as its offset behind that and the separator.
    fn pointer(&self, child: Child) -> u32 {
        let nodes = self.nodes.len();
        let pointer = match child {
            Child::Nothing => nodes,
            Child::Node(number) => number,
            Child::Record(offset) => nodes + SEPARATOR.len() + offset,
        };
        u32::try_from(pointer).unwrap_or(u32::MAX)
    }
}
