/** Removes whatever tests left in the schema. */
export const CLEAR_SCHEMA = 'drop schema public cascade; create schema public'

/**
 * A query that answers, in one column `sql`, the statements that empty every table but those of migrations and begin
 * ids at 1 again. Deleting a few rows takes a tenth of the time of truncating, which makes new files for every table;
 * the youngest table goes first because it may refer to the others.
 */
export const EMPTYING_STATEMENTS = `
  select string_agg(statement, '; ' order by position) as sql from (
    select 1e10 - oid::bigint as position, format('delete from %I', relname) as statement
      from pg_class
      where relnamespace = 'public'::regnamespace and relkind = 'r' and relname !~ 'migration(_lock)?$'
    union all
    select 1e11, format('select setval(%L, 1, false)', oid::regclass)
      from pg_class
      where relnamespace = 'public'::regnamespace and relkind = 'S'
  ) as statements`
