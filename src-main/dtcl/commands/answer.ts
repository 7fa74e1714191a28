import { connectionOf } from '../connections.ts';
import { done, type CommandDefinition } from '../definitions.ts';
import { ScriptFailure } from '../script-failure.ts';
import { nameOf } from '../show.ts';

/** Answers the question of a halted connection. */
export const answerCommand: CommandDefinition = {
  name: 'answer',
  syntax: '<connection> <answer>',
  about: 'Answers the question with which a connection halted; "status connection" shows the question and its possible answers.',
  example: 'answer $id check-again;',
  bind(reader) {
    const which = reader.operand('the connection');
    const given = reader.operand('the answer');
    reader.end();
    return async ({ session, print }) => {
      const connection = await connectionOf(session, which);
      const wanted = session.text(given, 100).toLowerCase();
      const { halt } = connection;
      if (halt === null) throw new ScriptFailure(-101, `${nameOf(connection)} asks no question.`);
      const answer = halt.answers.find(({ id, label }) => id === wanted || label.toLowerCase() === wanted);
      if (answer === undefined) {
        const known = halt.answers.map(({ id }) => id).join(', ');
        throw new ScriptFailure(-101, `The question has no answer "${wanted}". Possible answers: ${known}.`);
      }
      await session.sourceCalls().call('connection.answer', { connectionId: connection.id, answer: answer.id });
      print(`Answered "${answer.label}": ${nameOf(connection)}. ${answer.effect}`);
      return done;
    };
  },
};
