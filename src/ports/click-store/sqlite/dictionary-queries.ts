import type { Database } from 'bun:sqlite'

/** A value's number in its dimension. */
export function findValueId(db: Database, dimension: number, value: string): number | undefined {
  return (
    db
      .query<{ id: number }, [number, string]>(
        'select id from click_value where dimension = ?1 and value = ?2',
      )
      .get(dimension, value)?.id ?? undefined
  )
}

/** Give a value that has none the next number of its dimension. */
export function insertValue(db: Database, dimension: number, value: string): number {
  const id = findMaxValueId(db, dimension) + 1
  db.query<unknown, [number, number, string]>(
    'insert into click_value (dimension, id, value) values (?1, ?2, ?3)',
  ).run(dimension, id, value)
  return id
}

/** The highest number of a dimension; 0, the number of the unknown, when it has no values. */
export function findMaxValueId(db: Database, dimension: number): number {
  return (
    db
      .query<{ id: number }, [number]>(
        'select id from click_value where dimension = ?1 order by id desc limit 1',
      )
      .get(dimension)?.id ?? 0
  )
}

export function findValue(db: Database, dimension: number, id: number): string | undefined {
  return (
    db
      .query<{ value: string }, [number, number]>(
        'select value from click_value where dimension = ?1 and id = ?2',
      )
      .get(dimension, id)?.value ?? undefined
  )
}
