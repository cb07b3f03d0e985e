// SPDX-License-Identifier: Apache-2.0

//! Multiples of one point, so that any multiple of it is a sum of 32 of them.

use alloc::vec::Vec;

use curve25519_dalek::{edwards::EdwardsPoint, scalar::Scalar};

/// Row `i` holds 1 to 128 times 256^`i` times the point, 640 KiB in all.
///
/// A scalar is written in signed digits of eight bits, each of which picks at most one
/// point of its row. Which one depends on the scalar, so that time and cache tell
/// about it: for public scalars only.
#[derive(Clone)]
pub(crate) struct WindowTable(Vec<EdwardsPoint>);

impl WindowTable {
    /// The table of a point. Takes about as long as verifying 17 signatures without one.
    pub(crate) fn of(point: EdwardsPoint) -> Self {
        let mut multiples = Vec::with_capacity(ROWS * MULTIPLES);
        let mut unit = point;
        for _ in 0..ROWS {
            let mut multiple = unit;
            multiples.push(multiple);
            for _ in 1..MULTIPLES {
                multiple += unit;
                multiples.push(multiple);
            }
            unit = multiple + multiple;
        }
        Self(multiples)
    }

    /// `sum` and `scalar` times the point.
    pub(crate) fn add_multiple(&self, scalar: &Scalar, sum: EdwardsPoint) -> EdwardsPoint {
        let mut sum = sum;
        let mut carry = 0_u16;
        for (row, byte) in self.0.chunks_exact(MULTIPLES).zip(scalar.as_bytes()) {
            let digit = u16::from(*byte) + carry;
            carry = u16::from(digit > HALF);
            // Behind half of a row it is nearer from the next row downwards.
            let (times, down) = if carry == 1 { (256 - digit, true) } else { (digit, false) };
            let Some(multiple) = usize::from(times).checked_sub(1).and_then(|at| row.get(at))
            else {
                continue;
            };
            sum = if down { sum - multiple } else { sum + multiple };
        }
        // Scalars are below 2^253, so that the last row never carries.
        sum
    }
}

const ROWS: usize = 32;
const MULTIPLES: usize = 128;
const HALF: u16 = 128;

#[cfg(test)]
mod tests {
    use curve25519_dalek::{
        constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION},
        traits::Identity,
    };
    use proptest::prelude::*;

    use super::*;

    fn multiple(table: &WindowTable, scalar: &Scalar) -> EdwardsPoint {
        table.add_multiple(scalar, EdwardsPoint::identity())
    }

    #[test]
    fn digits_at_their_borders_are_right() {
        let points = [ED25519_BASEPOINT_POINT, ED25519_BASEPOINT_POINT + EIGHT_TORSION[1]];
        for point in points {
            let table = WindowTable::of(point);
            let mut scalars = alloc::vec![Scalar::ZERO, Scalar::ONE, -Scalar::ONE];
            for byte in [1_u8, 127, 128, 129, 255] {
                let mut bytes = [byte; 32];
                bytes[31] = 0x0f;
                scalars.push(Scalar::from_bytes_mod_order(bytes));
                scalars.extend([Scalar::from(byte), Scalar::from(u16::from(byte) << 8)]);
            }
            for scalar in scalars {
                assert_eq!(multiple(&table, &scalar), scalar * point, "{scalar:?}");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn equals_multiplication(bytes: [u8; 32], of: [u8; 32]) {
            let point = EdwardsPoint::mul_base(&Scalar::from_bytes_mod_order(of));
            let scalar = Scalar::from_bytes_mod_order(bytes);
            let start = EIGHT_TORSION[3];
            let sum = WindowTable::of(point).add_multiple(&scalar, start);
            prop_assert_eq!(sum, scalar * point + start);
        }
    }
}
