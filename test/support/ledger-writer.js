// Without end: transactions that move an amount between two rows of an SQLite database in WAL mode and note it; now and then a checkpoint.
import Database from 'better-sqlite3';

const database = new Database(process.argv[2], { timeout: 10_000 });
database.pragma('synchronous = NORMAL');
const move = database.transaction((from, to, amount) => {
  database.prepare('UPDATE account SET balance = balance - ? WHERE id = ?').run(amount, from);
  database.prepare('UPDATE account SET balance = balance + ? WHERE id = ?').run(amount, to);
  database.prepare('INSERT INTO move (amount, filler) VALUES (?, ?)').run(amount, 'x'.repeat(amount % 200));
});
const { accounts } = database.prepare('SELECT count(*) AS accounts FROM account').get();

for (let n = 1; ; n++) {
  const from = 1 + ((n * 7919) % (accounts / 2));
  const to = accounts / 2 + 1 + ((n * 104_729) % (accounts / 2));
  move(from, to, n % 1000);
  if (n % 500 === 0) database.pragma('wal_checkpoint(TRUNCATE)');
}
