//! What a statement does to a schema, in types of our own.

use crate::name::Name;
use crate::source::Span;
use crate::token::Token;
use crate::types::TypeName;

/// Tokens of an expression or a query.
pub(crate) type Sql = Vec<Token>;

/// One statement.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    pub(crate) action: Action,
    pub(crate) span: Span,
}

/// What a statement does.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    Table(CreateTable),
    View(CreateView),
    Index(CreateIndex),
    Sequence {
        name: Name,
        if_not_exists: bool,
        owned_by: Option<(Name, String)>,
    },
    Schema {
        name: String,
        if_not_exists: bool,
        elements: Vec<Action>,
    },
    Enum {
        name: Name,
        labels: Vec<String>,
    },
    Composite {
        name: Name,
        attributes: Vec<Column>,
    },
    OtherType {
        name: Name,
    },
    Domain {
        name: Name,
        column: Column,
    },
    Function(CreateFunction),
    Trigger(CreateTrigger),
    Policy(CreatePolicy),
    Rule {
        name: String,
        table: Name,
        or_replace: bool,
        instead: bool,
        conditional: bool,
        /// Everything but its name and its table, as one line.
        definition: String,
    },
    /// `create event trigger`, `drop`, and `alter` when it switches it on or off or names it anew.
    EventTrigger {
        name: String,
        change: EventTriggerChange,
    },
    Extension {
        name: String,
    },
    Role {
        name: String,
    },
    Publication {
        name: String,
        tables: Option<Vec<Name>>,
        schemas: Vec<String>,
        /// Columns, conditions and options, as they are written.
        limits: Vec<String>,
    },
    Alter {
        kind: Object,
        name: Name,
        if_exists: bool,
        changes: Vec<Change>,
    },
    AlterType {
        name: Name,
        change: TypeChange,
    },
    AlterDomain {
        name: Name,
        change: DomainChange,
    },
    AlterFunction {
        target: FunctionTarget,
        change: FunctionChange,
    },
    AlterSequence {
        name: Name,
        if_exists: bool,
        change: SequenceChange,
    },
    /// A role, or all of a database, in a way that its sessions notice.
    AlterRole {
        name: Option<String>,
        what: String,
    },
    AlterPolicy {
        name: String,
        table: Name,
        rename: Option<String>,
        policy: CreatePolicy,
    },
    AlterPublication {
        name: String,
        change: PublicationChange,
    },
    AlterExtension {
        name: String,
    },
    Rename {
        kind: Object,
        name: Name,
        to: String,
        if_exists: bool,
    },
    RenameOnTable {
        kind: OnTable,
        name: String,
        table: Name,
        to: String,
    },
    SetSchema {
        kind: Object,
        name: Name,
        schema: String,
        if_exists: bool,
    },
    Drop {
        kind: Object,
        names: Vec<Name>,
        if_exists: bool,
        cascade: bool,
    },
    /// `drop owned by`.
    DropOwned {
        roles: Vec<String>,
    },
    DropFunctions {
        targets: Vec<FunctionTarget>,
        if_exists: bool,
        cascade: bool,
    },
    DropOnTable {
        kind: OnTable,
        name: String,
        table: Name,
        if_exists: bool,
    },
    Privileges(Privileges),
    DefaultPrivileges {
        schemas: Vec<String>,
        change: Box<Privileges>,
    },
    Membership {
        grant: bool,
        roles: Vec<String>,
        members: Vec<String>,
    },
    Refresh {
        view: Name,
        empty: bool,
    },
    Truncate {
        tables: Vec<Name>,
        cascade: bool,
    },
    Delete {
        table: Name,
        filter: Filter,
    },
    Update {
        table: Name,
        /// Columns and what they become; nothing where several are set at once.
        assignments: Vec<(String, Sql)>,
        filter: Filter,
    },
    Insert {
        table: Name,
        from: Vec<Name>,
    },
    Merge {
        table: Name,
        filter: Filter,
        arms: Vec<Arm>,
    },
    /// `prepare`: what `execute` runs later.
    Prepare {
        name: String,
        statement: Sql,
    },
    /// `execute` of what was prepared.
    Execute {
        name: String,
    },
    SearchPath {
        schemas: Vec<String>,
    },
    Begin,
    Commit,
    Rollback {
        savepoint: Option<String>,
    },
    Savepoint {
        name: String,
    },
    Do {
        body: Token,
        plpgsql: bool,
    },
    Calls {
        functions: Vec<Name>,
    },
    /// `setval` with a constant.
    SetValue {
        sequence: Option<Name>,
    },
    /// Cannot run inside a transaction, and holds no lock that anybody waits for.
    OutsideTransaction {
        what: &'static str,
    },
    /// Nothing that running code could notice.
    Nothing,
    /// A statement whose effect this crate does not know.
    Unknown {
        what: String,
    },
}

/// Which rows a statement is about.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    /// Of `using` and `from`, and the source of a `merge`.
    pub(crate) others: Sql,
    /// None for all rows.
    pub(crate) condition: Option<Sql>,
}

/// One `when` of a `merge`.
#[derive(Clone, Debug)]
pub(crate) struct Arm {
    /// Whether it is about rows that the condition of the `merge` finds.
    pub(crate) matched: bool,
    pub(crate) condition: Option<Sql>,
    pub(crate) does: Does,
}

/// What a `merge` does to a row.
#[derive(Clone, Debug)]
pub(crate) enum Does {
    Delete,
    Update(Vec<(String, Sql)>),
    /// Inserts, or nothing.
    Other,
}

/// A kind of object that has a name of its own.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Object {
    Table,
    View,
    Materialized,
    Index,
    Sequence,
    Schema,
    Type,
    Domain,
    Extension,
    Role,
    Publication,
    /// One that running code does not name in its queries.
    Other(&'static str),
}

/// A kind of object that belongs to a table.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum OnTable {
    Trigger,
    Policy,
    Rule,
}

/// `create table`.
#[derive(Clone, Debug, Default)]
pub(crate) struct CreateTable {
    pub(crate) name: Name,
    pub(crate) if_not_exists: bool,
    pub(crate) temporary: bool,
    pub(crate) columns: Vec<Column>,
    pub(crate) constraints: Vec<Constraint>,
    pub(crate) like: Vec<(Name, Vec<String>)>,
    pub(crate) inherits: Vec<Name>,
    pub(crate) partition_of: Option<Name>,
    pub(crate) partitioned: bool,
    pub(crate) default_partition: bool,
    pub(crate) query: Option<Sql>,
}

/// A column as it is declared.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) ty: Option<TypeName>,
    pub(crate) collation: Option<String>,
    pub(crate) default: Option<Sql>,
    pub(crate) not_null: bool,
    pub(crate) generated: Option<Generated>,
    /// Those of the table that the column declares.
    pub(crate) constraints: Vec<Constraint>,
}

/// How a column's value comes to be.
#[derive(Clone, Debug)]
pub(crate) enum Generated {
    IdentityAlways,
    IdentityByDefault,
    Expression(Sql),
}

/// A constraint.
#[derive(Clone, Debug)]
pub(crate) struct Constraint {
    pub(crate) name: Option<String>,
    pub(crate) kind: ConstraintKind,
    pub(crate) not_valid: bool,
    pub(crate) deferrable: bool,
    pub(crate) enforced: bool,
}

/// What a constraint asks for.
#[derive(Clone, Debug)]
pub(crate) enum ConstraintKind {
    Check(Sql),
    NotNull(String),
    Unique { columns: Vec<String>, nulls_not_distinct: bool, using_index: Option<String> },
    Primary { columns: Vec<String>, using_index: Option<String> },
    Foreign(Foreign),
    Exclude(Sql),
}

/// A foreign key.
#[derive(Clone, Debug)]
pub(crate) struct Foreign {
    pub(crate) columns: Vec<String>,
    pub(crate) table: Name,
    pub(crate) to: Vec<String>,
    pub(crate) on_delete: RefAction,
    pub(crate) on_update: RefAction,
    /// `match full`: all columns are null, or none.
    pub(crate) full: bool,
}

/// What a foreign key does when its target goes.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum RefAction {
    #[default]
    Refuse,
    Cascade,
    SetNull,
    SetDefault,
}

/// `create view`.
#[derive(Clone, Debug)]
pub(crate) struct CreateView {
    pub(crate) name: Name,
    pub(crate) columns: Vec<String>,
    pub(crate) or_replace: bool,
    pub(crate) if_not_exists: bool,
    pub(crate) temporary: bool,
    pub(crate) materialized: bool,
    pub(crate) invoker: bool,
    pub(crate) options: String,
    pub(crate) query: Sql,
    /// Of a materialized view: `with no data`.
    pub(crate) empty: bool,
}

/// `create index`.
#[derive(Clone, Debug)]
pub(crate) struct CreateIndex {
    pub(crate) name: Option<String>,
    pub(crate) table: Name,
    pub(crate) unique: bool,
    pub(crate) concurrently: bool,
    pub(crate) if_not_exists: bool,
    /// One line a key, without its operator class and order.
    pub(crate) keys: Vec<Sql>,
    pub(crate) predicate: Option<Sql>,
    pub(crate) nulls_not_distinct: bool,
}

/// `create function`, `create procedure`, `create aggregate`.
#[derive(Clone, Debug)]
pub(crate) struct CreateFunction {
    pub(crate) name: Name,
    pub(crate) or_replace: bool,
    pub(crate) parameters: Vec<Parameter>,
    /// The result, as one line.
    pub(crate) returns: Option<TypeName>,
    pub(crate) set_of: bool,
    pub(crate) returns_table: bool,
    pub(crate) definer: bool,
    /// Of `set search_path`.
    pub(crate) search_path: Option<Vec<String>>,
    pub(crate) language: String,
    pub(crate) body: Option<Token>,
    /// Whether the body is written out as SQL, so that its names are found when it is made and not when it runs.
    pub(crate) bound: bool,
    pub(crate) procedure: bool,
    /// Whether it is null wherever an argument is, and does not run then.
    pub(crate) strict: bool,
    /// Whether it is declared `stable` or `immutable`, so that it may not write.
    pub(crate) stable: bool,
}

/// A parameter of a function.
#[derive(Clone, Debug)]
pub(crate) struct Parameter {
    pub(crate) name: Option<String>,
    pub(crate) ty: TypeName,
    pub(crate) default: bool,
    /// What it is where a call leaves it out.
    pub(crate) left_out: Sql,
    pub(crate) input: bool,
    pub(crate) output: bool,
    pub(crate) variadic: bool,
}

/// A function as a statement names it; without parameters it is the only one of its name.
#[derive(Clone, Debug)]
pub(crate) struct FunctionTarget {
    pub(crate) name: Name,
    pub(crate) parameters: Option<Vec<TypeName>>,
}

/// `create trigger`.
#[derive(Clone, Debug)]
pub(crate) struct CreateTrigger {
    pub(crate) name: String,
    pub(crate) table: Name,
    pub(crate) or_replace: bool,
    pub(crate) before: bool,
    pub(crate) instead: bool,
    pub(crate) function: Name,
    /// Everything but its name, its table and its function, as one line.
    pub(crate) definition: String,
}

/// What becomes of an event trigger.
#[derive(Clone, Debug)]
pub(crate) enum EventTriggerChange {
    Create {
        event: String,
        /// The commands that it is for; empty for all.
        tags: Vec<String>,
        function: Name,
    },
    Drop {
        if_exists: bool,
    },
    Switch {
        on: bool,
    },
    Rename {
        to: String,
    },
}

/// `create policy`, and what `alter policy` changes of it.
#[derive(Clone, Debug)]
pub(crate) struct CreatePolicy {
    pub(crate) name: String,
    pub(crate) table: Name,
    pub(crate) restrictive: bool,
    pub(crate) command: String,
    pub(crate) roles: Option<Vec<String>>,
    pub(crate) using: Option<Sql>,
    pub(crate) check: Option<Sql>,
}

/// One action of `alter table`, `alter view` and their kin.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    AddColumn {
        column: Column,
        if_not_exists: bool,
    },
    DropColumn {
        name: String,
        if_exists: bool,
        cascade: bool,
    },
    Type {
        column: String,
        ty: TypeName,
        collation: Option<String>,
        using: Option<Sql>,
    },
    Default {
        column: String,
        value: Option<Sql>,
    },
    NotNull {
        column: String,
        on: bool,
    },
    AddIdentity {
        column: String,
        always: bool,
    },
    SetIdentity {
        column: String,
        always: bool,
    },
    /// `restart`, `set maxvalue` and the like: the values of an identity that come next.
    IdentityValues {
        column: String,
    },
    DropIdentity {
        column: String,
    },
    DropExpression {
        column: String,
    },
    SetExpression {
        column: String,
        value: Sql,
    },
    AddConstraint(Constraint),
    DropConstraint {
        name: String,
        if_exists: bool,
    },
    AlterConstraint {
        name: String,
        deferrable: Option<bool>,
        enforced: Option<bool>,
    },
    ValidateConstraint {
        name: String,
    },
    RenameConstraint {
        name: String,
        to: String,
    },
    RenameColumn {
        name: String,
        to: String,
    },
    RowSecurity {
        on: bool,
    },
    ForceRowSecurity {
        on: bool,
    },
    Trigger {
        name: String,
        on: bool,
    },
    Rule {
        name: String,
        on: bool,
    },
    ReplicaIdentity {
        kind: String,
    },
    Owner {
        to: String,
    },
    Attach {
        partition: Name,
    },
    Detach {
        partition: Name,
    },
    Inherit {
        parent: Name,
        on: bool,
    },
    Options {
        text: String,
    },
    /// Storage, statistics, tablespaces and the like.
    Quiet,
}

/// What `alter type` changes.
#[derive(Clone, Debug)]
pub(crate) enum TypeChange {
    AddValue { label: Token, if_not_exists: bool },
    RenameValue { from: String, to: String },
    AddAttribute(Column),
    DropAttribute { name: String },
    RenameAttribute { name: String, to: String },
    AttributeType { name: String, ty: TypeName },
    Quiet,
}

/// What `alter domain` changes.
#[derive(Clone, Debug)]
pub(crate) enum DomainChange {
    Add(Constraint),
    Drop { name: String },
    NotNull { on: bool },
    Default { value: Option<Sql> },
    RenameConstraint { name: String, to: String },
    Quiet,
}

/// What `alter function` changes.
#[derive(Clone, Debug)]
pub(crate) enum FunctionChange {
    Rename { to: String },
    Schema { to: String },
    Owner { to: String },
    Options(FunctionOptions),
}

/// The options that `alter function` gives; `None` where it leaves them as they are.
#[derive(Clone, Debug, Default)]
pub(crate) struct FunctionOptions {
    pub(crate) definer: Option<bool>,
    pub(crate) search_path: Option<Vec<String>>,
    pub(crate) strict: Option<bool>,
    pub(crate) stable: Option<bool>,
}

/// What `alter sequence` changes.
#[derive(Clone, Debug)]
pub(crate) struct SequenceChange {
    pub(crate) owned_by: Option<(Name, String)>,
    /// `restart`, `minvalue`, `maxvalue`, `increment` or `as`: the values that come next.
    pub(crate) values: bool,
}

/// What `alter publication` changes.
#[derive(Clone, Debug)]
pub(crate) enum PublicationChange {
    Add(Vec<Name>),
    /// Narrowed to columns or rows, perhaps.
    Set {
        tables: Vec<Name>,
        narrowed: bool,
    },
    Drop(Vec<Name>),
    Rename {
        to: String,
    },
    Options,
    Quiet,
}

/// `grant` and `revoke`.
#[derive(Clone, Debug)]
pub(crate) struct Privileges {
    pub(crate) grant: bool,
    /// Of `grant option for`: the privilege itself stays.
    pub(crate) option_only: bool,
    /// Empty for all; with columns where they are named.
    pub(crate) privileges: Vec<(String, Vec<String>)>,
    pub(crate) on: On,
    pub(crate) roles: Vec<String>,
}

/// What privileges are on.
#[derive(Clone, Debug)]
pub(crate) enum On {
    Relations(Vec<Name>),
    Functions(Vec<FunctionTarget>),
    Schemas(Vec<String>),
    Types(Vec<Name>),
    AllIn {
        kind: String,
        schemas: Vec<String>,
    },
    /// Of default privileges: tables, sequences, functions, types.
    Future {
        kind: String,
    },
    Other,
}
