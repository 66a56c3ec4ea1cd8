//! How a record of a document is declared.

/// Declares the record structs: every field optional or a list, left out of the written file when it has nothing to say.
/// Each is a [`Record`](crate::load::read::Record): a field is read by the type it has here.
macro_rules! records {
    ($(
        $(#[$doc:meta])*
        $name:ident { $( $(#[$field_doc:meta])* $field:ident : $ty:ty ),* $(,)? }
    )*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Default, Serialize, JsonSchema)]
        #[schemars(deny_unknown_fields)]
        pub struct $name {
            $(
                $(#[$field_doc])*
                #[serde(skip_serializing_if = "LeftOut::left_out")]
                pub $field: $ty,
            )*
            /// Place of the whole record.
            #[serde(skip)]
            pub span: crate::diagnostic::Span,
        }

        /// Places are not compared.
        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                $(self.$field == other.$field)&&*
            }
        }

        impl crate::load::read::Record for $name {
            const FIELDS: &'static [&'static str] = &[$(stringify!($field)),*];

            fn read<'de, N: crate::load::read::Notation, D: serde::Deserializer<'de>>(
                &mut self,
                field: usize,
                context: &mut crate::load::read::Context<'de, N>,
                deserializer: D,
            ) -> Result<(), D::Error> {
                #[expect(non_camel_case_types, reason = "one variant for each field, to number them")]
                enum Number { $($field),* }
                $(if field == Number::$field as usize {
                    return crate::load::read::Field::read(&mut self.$field, context, deserializer);
                })*
                unreachable!("field {field} of {:?}", Self::FIELDS)
            }

            fn set_span(&mut self, span: crate::diagnostic::Span) {
                self.span = span;
            }
        }
    )*};
}

pub(super) use records;

/// Something that is not written when it has nothing to say.
pub(super) trait LeftOut {
    /// Whether it has nothing to say.
    fn left_out(&self) -> bool;
}

impl<T> LeftOut for Option<T> {
    fn left_out(&self) -> bool {
        self.is_none()
    }
}

impl<T> LeftOut for Vec<T> {
    fn left_out(&self) -> bool {
        self.is_empty()
    }
}
